/** What a page loads of the client. */
import { gzipSync } from 'node:zlib'
import { bundleClient } from './bundle.js'

it('is under 4 kB, minified and by gzip, whole', async () => {
  const { code } = await bundleClient()
  expect(gzipSync(code).byteLength).toBeLessThan(4000)
})

it('is the client alone: nothing of the server, of Node, or of a dependency', async () => {
  const { files, imports } = await bundleClient()
  expect(files.filter(file => !/^src\/client\/[a-z]+\.ts$/.test(file))).toEqual([])
  expect(files).toContain('src/client/client.ts')
  expect(imports).toEqual([])
})
