/** Programs of this project in TypeScript, each made one file by esbuild; packages stay outside. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { build } from 'esbuild'

/** jest runs the sources as CommonJS; the support files that other programs share with the tests lean on it. */
const withDirname = {
  name: 'dirname',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: `const __dirname = ${JSON.stringify(dirname(path))};${readFileSync(path, 'utf8')}`,
    }))
  },
}

export async function bundled(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    tsconfigRaw: {}, // tsconfig.json leads `sidekey` to the sources
    plugins: [withDirname],
    logLevel: 'warning',
  })
}
