import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(__dirname, '../..')

/** The client as a page would load it: one ES module, minified. */
export async function bundleClient(): Promise<{ code: string; files: string[]; imports: string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    // Whatever is no file of ours is left as an import, to be told of.
    packages: 'external',
  })
  const outputs = Object.values(metafile.outputs)
  return {
    code: outputFiles.map(({ text }) => text).join(''),
    files: Object.keys(metafile.inputs),
    imports: outputs.flatMap(output => output.imports.map(({ path }) => path)),
  }
}
