/** `POST /leaks`: what a secret-scanning partner sends, and what it is answered. */
import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Config } from '../config.js'
import { SidekeyError } from '../errors.js'
import type { Internals } from '../internals.js'
import { tellOnce } from '../tell.js'
import { parseInput } from '../validation.js'
import { type Body, parseText, rawBody } from './body.js'
import { described, told } from './documented.js'
import type { LeakSettings } from './leak-options.js'
import { createSignatureCheck, type SignatureCheck } from './leak-signature.js'

/** The largest message that is read, in bytes. */
const MESSAGE_BYTES = 1024 * 1024

/** A token that was found. Fields that are not known here are left alone: the partner may add some. */
export const leakMessage = z
  .array(
    told(
      z.looseObject({
        token: described(z.string('takes a token').min(1).max(4096), 'What was found.'),
        type: described(
          z.string('takes text').min(1).max(256),
          'What the partner calls tokens of this kind.',
        ),
        url: described(z.string().max(4096).nullish(), 'Where it was found; may be empty.'),
        source: described(
          z.string().max(256).nullish(),
          'In what: `content`, `commit`, `issue_comment` and others.',
        ),
      }),
      { id: 'LeakMatch' },
    ),
    'takes a list of matches',
  )
  .min(1, 'takes at least one match')
  .max(10_000, 'takes at most 10000 matches')

export type LeakMatch = z.output<typeof leakMessage>[number]

export const leakAnswer = z.array(
  told(
    z.object({
      token_hash: described(z.string(), 'SHA-256 of the token, in hexadecimal digits.'),
      token_type: described(z.string(), 'The `type` of the match.'),
      label: described(
        z.enum(['true_positive', 'false_positive']),
        'Whether it is a token of a key, whatever its status.',
      ),
    }),
    { id: 'LeakLabel' },
  ),
)
type LeakLabel = z.output<typeof leakAnswer>[number]

/** Where the messages of one router come in. */
export interface LeakDesk extends Pick<LeakSettings, 'policyOf'> {
  readonly signatures: (config: Config) => SignatureCheck
}

/** @param settings `null`: the router takes no such messages */
export function leakDesk(settings: LeakSettings | null): LeakDesk | null {
  if (settings === null) return null
  let made: SignatureCheck | undefined
  return {
    policyOf: settings.policyOf,
    signatures: ({ logger }) => {
      made ??= createSignatureCheck({ settings, logger, now: () => performance.now() })
      return made
    },
  }
}

/** What of a request is looked at. */
interface Sent {
  header(name: string): string | undefined
  ip(): string | undefined
  body(): Body
}

/**
 * The message of a request: its signature is checked before anything of it is looked at.
 * @throws SidekeyError `SIGNATURE_INVALID`, `TOO_MANY_REQUESTS`, `RAW_BODY_REQUIRED`, `BODY_TOO_LARGE`, `INVALID_INPUT`,
 * `STORE_UNAVAILABLE`
 */
export async function readMessage(
  desk: LeakDesk,
  config: Config,
  { header, ip, body }: Sent,
): Promise<readonly LeakMatch[]> {
  const signatures = desk.signatures(config)
  const signed = signatures.signed(header, ip())
  const bytes = await rawBody(body(), MESSAGE_BYTES)
  if (bytes === null) throw rawBodyRequired(config)
  await signatures.check(signed, bytes)
  return parseInput(leakMessage, parseText(Buffer.from(bytes).toString('utf8')))
}

function rawBodyRequired(config: Config): SidekeyError {
  const message =
    'POST /leaks needs the body as it was sent: mount keyRouter before express.json(), or have it keep the bytes: ' +
    'express.json({ verify: (req, res, bytes) => { req.rawBody = bytes } })'
  tellOnce(config, 'raw-body-required', message)
  return new SidekeyError('RAW_BODY_REQUIRED', 'The body was parsed before its signature could be checked.')
}

/** Reports the matches, and answers for each whether it is a key's. The token itself is not said again. */
export async function answerLeaks(
  matches: readonly LeakMatch[],
  report: (leaks: Parameters<Internals['reportLeaks']>[1]) => ReturnType<Internals['reportLeaks']>,
): Promise<readonly LeakLabel[]> {
  const outcomes = await report(
    matches.map(({ token, url, source }) => ({ token, place: url || source || 'unknown' })),
  )
  return matches.map(({ token, type }, i) => ({
    token_hash: hash('sha256', token, 'hex'),
    token_type: type,
    label: outcomes[i]?.apiKey ? 'true_positive' : 'false_positive',
  }))
}
