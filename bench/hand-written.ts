/** What people write by themselves: a key in a collection of their own, found and compared at each request. */
import { hash, randomBytes } from 'node:crypto'
import bcrypt from 'bcrypt'
import mongoose, { type Connection } from 'mongoose'
import type passport from 'passport'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'

/** bcrypt's own default. */
const ROUNDS = 10

/** A way to check a token: the owner, or `null`. */
export interface Check {
  readonly tokens: readonly string[]
  readonly verify: (token: string) => Promise<string | null>
}

const schema = new mongoose.Schema({
  hash: { type: String, required: true, index: true },
  owner: { type: String, required: true },
  permissions: [String],
  expiresAt: Date,
})

interface Row {
  readonly hash: string
  readonly owner: string
  readonly permissions: string[]
  readonly expiresAt?: Date | null
}

const isGood = (row: Row) =>
  row.permissions.includes('reports:read') && (row.expiresAt == null || row.expiresAt > new Date())

/** `findOne` by the SHA-256 of the token. */
export async function bySha256(connection: Connection, keys: number): Promise<Check> {
  const model = connection.model('ShaKey', schema)
  await model.init()
  const tokens = Array.from({ length: keys }, () => randomBytes(32).toString('base64url'))
  const rows = tokens.map(token => ({
    hash: hash('sha256', token),
    owner: 'alice',
    permissions: ['reports:read'],
  }))
  await model.insertMany(rows)
  return {
    tokens,
    async verify(token) {
      const row = await model.findOne({ hash: hash('sha256', token) }).lean<Row>()
      return row !== null && isGood(row) ? row.owner : null
    },
  }
}

/** `findById` by the token's first part, and bcrypt over the second, behind passport-headerapikey. */
export async function byBcrypt(connection: Connection, keys: number): Promise<Check> {
  const model = connection.model('BcryptKey', schema)
  await model.init()
  // One secret for all: to hash a thousand takes a minute, and who checks does not see it.
  const secret = randomBytes(32).toString('base64url')
  const hashed = await bcrypt.hash(secret, ROUNDS)
  const row = { hash: hashed, owner: 'alice', permissions: ['reports:read'] }
  const made = await model.insertMany(Array.from({ length: keys }, () => row))
  return {
    tokens: made.map(({ id }) => `${id}.${secret}`),
    async verify(token) {
      const [id = '', presented = ''] = token.split('.')
      const row = await model.findById(id).lean<Row>()
      if (row === null || !(await bcrypt.compare(presented, row.hash))) return null
      return isGood(row) ? row.owner : null
    },
  }
}

/** The check as a strategy of Passport's, for a route. */
export function strategyOf({ verify }: Check): passport.Strategy {
  return new HeaderAPIKeyStrategy({ header: 'x-api-key', prefix: '' }, false, (token, done) => {
    verify(token).then(
      owner => done(null, owner === null ? undefined : { id: owner }),
      error => done(error),
    )
  }) as unknown as passport.Strategy // its types are of another version of passport's
}
