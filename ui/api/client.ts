/** The client of the REST API that the page is mounted with; the app's session cookie goes along by itself. */
import { keyClient } from '../../src/client/index.js'
import { apiBase } from '../page.js'

export const client = keyClient({ baseUrl: apiBase })
