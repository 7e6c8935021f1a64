/** The library's sources with changes of their text, made when they are bundled. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Plugin } from 'esbuild'

/** The project's. */
const ROOT = process.cwd()

/** A change of a source text. */
export interface Patch {
  /** From the root of the project. */
  readonly file: string
  /** Occurs exactly once. */
  readonly from: string
  readonly to: string
}

/** The build fails where a change does not apply exactly once, or to no file that is bundled. */
export function patching(patches: readonly Patch[]): Plugin {
  return {
    name: 'patching',
    setup({ onLoad, onEnd }) {
      const applied = new Set<Patch>()
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const mine = patches.filter(({ file }) => file === relative(ROOT, path))
        let text = readFileSync(path, 'utf8')
        for (const patch of mine) {
          text = patched(text, patch)
          applied.add(patch)
        }
        return { contents: text, loader: 'ts' }
      })
      onEnd(() => {
        for (const patch of patches)
          if (!applied.has(patch)) throw new Error(`${patch.file} is not part of it`)
      })
    },
  }
}

function patched(text: string, { file, from, to }: Patch): string {
  const times = text.split(from).length - 1
  if (times !== 1) throw new Error(`${file} has this ${times} times, not once:\n${from}`)
  return text.replace(from, () => to)
}
