/**
 * Puts rows into the table of the real better-auth, and has it verify tokens: `node better-auth-verify.mjs <folder of its packages>`.
 * Reads { rows, asked: [{ key, permissions? }] } from standard input, and prints what it answers to each.
 */
import { text } from 'node:stream/consumers'
import { openBetterAuth } from './better-auth-app.mjs'

const { auth, tables } = await openBetterAuth(process.argv[2])
const { rows, asked } = JSON.parse(await text(process.stdin))
tables.apikey.push(...rows)
const answers = []
for (const body of asked) {
  const { valid, error, key } = await auth.api.verifyApiKey({ body })
  answers.push({ valid, code: error?.code ?? null, referenceId: key?.referenceId ?? null })
}
process.stdout.write(JSON.stringify(answers))
