/**
 * Whether a message comes from who publishes the keys: ECDSA over P-256 and SHA-256, of the body as it was sent. Nothing of
 * the message is looked at before.
 *
 * Messages with a bad signature come at a bounded rate from each address: of all together it would be a way to keep the partner's
 * from being heard. A message has a place while it is read, so that few large ones are in memory; a good one gives it back.
 */
import { verify } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { SidekeyError } from '../errors.js'
import type { Logger } from '../logger.js'
import { type KeyList, type LeakSettings, readKeys } from './leak-options.js'

/** So many with a bad signature from one address at once, and so many a second after. */
export const BAD_AT_ONCE = 50
const BAD_PER_SECOND = 10
/** Of so many addresses, those that were heard of last, it is known. */
const ADDRESSES = 1_000

const REFRESH_EVERY_MS = 60_000
/** A key that is published no longer is not trusted for longer than this, where the list can be had anew. */
const OLD_MS = 86_400_000
const REFRESH_WITHIN_MS = 5_000

/** What a message says of its signature. */
export interface Signed {
  readonly keyName: string
  readonly signature: Buffer
  /** It was good, or it cannot be told. */
  readonly giveBack: () => void
}

export interface SignatureCheck {
  /**
   * What the headers say, before the body is read; `address` is the sender's.
   * @throws SidekeyError `SIGNATURE_INVALID` where they say nothing; `TOO_MANY_REQUESTS`
   */
  signed(header: (name: string) => string | undefined, address: string | undefined): Signed
  /** @throws SidekeyError `SIGNATURE_INVALID`; `STORE_UNAVAILABLE` where the published keys cannot be had. */
  check(signed: Signed, body: Uint8Array): Promise<void>
}

export interface SignatureParts {
  readonly settings: Pick<LeakSettings, 'publicKeys' | 'refresh'>
  readonly logger: Pick<Logger, 'warn'>
  /** In ms, and never back. */
  readonly now: () => number
}

export function createSignatureCheck({ settings, logger, now }: SignatureParts): SignatureCheck {
  const list = createKeyList({ settings, logger, now })
  const addresses = new LRUCache<string, { places: number; filledAt: number }>({ max: ADDRESSES })

  /** Takes a place; answers how it is given back. */
  function place(address: string): () => void {
    const at = now()
    const before = addresses.get(address) ?? { places: BAD_AT_ONCE, filledAt: at }
    const places = Math.min(BAD_AT_ONCE, before.places + ((at - before.filledAt) / 1000) * BAD_PER_SECOND)
    if (places < 1) {
      throw new SidekeyError('TOO_MANY_REQUESTS', 'Too many messages with a bad signature.', {
        retryAfter: 1,
      })
    }
    const kept = { places: places - 1, filledAt: at }
    addresses.set(address, kept)
    return () => {
      const latest = addresses.get(address) ?? kept
      latest.places = Math.min(BAD_AT_ONCE, latest.places + 1)
    }
  }

  return {
    signed(header, address = '') {
      const giveBack = place(address)
      const keyName = header('github-public-key-identifier')
      const signature = header('github-public-key-signature')
      if (!isName(keyName) || !isSignature(signature)) throw refused()
      return { keyName, signature: Buffer.from(signature, 'base64'), giveBack }
    },
    async check({ keyName, signature, giveBack }, body) {
      const key = await list.find(keyName).catch(error => {
        giveBack()
        throw error
      })
      if (key === null || !verify('sha256', body, { key, dsaEncoding: 'der' }, signature)) throw refused()
      giveBack()
    },
  }
}

function refused(): SidekeyError {
  return new SidekeyError('SIGNATURE_INVALID', 'The message is not signed by a published key.')
}

function isName(value: string | undefined): value is string {
  return value !== undefined && /^[A-Za-z0-9._-]{1,256}$/.test(value)
}

/** Base64 of two numbers of 32 bytes in DER: 72 bytes at most. */
function isSignature(value: string | undefined): value is string {
  return value !== undefined && /^[A-Za-z0-9+/]{8,100}={0,2}$/.test(value)
}

/** The published keys, got anew when they must be: one asks for all who wait. */
function createKeyList({ settings, logger, now }: SignatureParts) {
  let keys: KeyList = settings.publicKeys
  let gotAt = now()
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | null = null
  let failed = false

  async function ask(refresh: () => unknown): Promise<void> {
    askedAt = now()
    try {
      const got = readKeys(await within(REFRESH_WITHIN_MS, Promise.resolve().then(refresh)))
      if (got === null) throw new TypeError('refresh must answer the published list, with keys of P-256')
      keys = got
      gotAt = now()
      failed = false
    } catch (error) {
      failed = true
      logger.warn({ err: error }, 'the published keys of POST /leaks could not be had anew')
    }
  }

  return {
    async find(name: string) {
      const { refresh } = settings
      const isDue = !keys.has(name) || now() - gotAt >= OLD_MS
      if (refresh !== null && isDue) {
        if (now() - askedAt >= REFRESH_EVERY_MS) {
          asking ??= ask(refresh).finally(() => {
            asking = null
          })
        }
        await asking
      }
      const key = keys.get(name)
      if (key !== undefined) return key
      if (!failed) return null
      throw new SidekeyError('STORE_UNAVAILABLE', 'The published keys cannot be had right now.', {
        retryAfter: 60,
      })
    },
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
