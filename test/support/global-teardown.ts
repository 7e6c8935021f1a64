export default async function teardown(): Promise<void> {
  await globalThis.sidekeyTestBrowser?.close()
  await globalThis.sidekeyTestServer?.stop()
}
