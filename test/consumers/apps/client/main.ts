import { type ApiKey, keyClient } from 'sidekey/client'

/** What this page is told, and what it tells, by globals: its bundle exports nothing. */
const shared = globalThis as unknown as {
  readonly page: { readonly baseUrl: string; readonly user: string }
  listed: Promise<string>
}
const { baseUrl, user } = shared.page
const client = keyClient({ baseUrl, headers: { 'x-user': user } })
shared.listed = client.list().then(({ data }) => data.map(({ name }: ApiKey) => `listed ${name}`).join())
