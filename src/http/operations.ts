/** What the documents tell of each route. */
import {
  apiKey,
  createdKey,
  creditBalance,
  keyPage,
  openApi,
  replayedKey,
  revokedKeys,
  revokedSoFar,
  revokePreview,
} from './answers.js'
import { AUDIT_CSV_EXAMPLE, auditPage } from './answers-audit.js'
import { CSV_EXAMPLE, usage } from './answers-usage.js'
import { actorConfig, verification } from './answers-verification.js'
import { createBody, creditsBody, transferBody, updateBody } from './bodies.js'
import { leakAnswer } from './leaks.js'
import type { AnswerFacts, Operation } from './route.js'

const RECORD: AnswerFacts = { description: 'The record.', body: apiKey, headers: ['ETag'] }

export const createKey: Operation = {
  id: 'createKey',
  tag: 'Keys',
  summary: 'Makes a key',
  description: `Makes a key for who asks, or for \`owner\`. The token is in this answer and nowhere else.

By key: what is left out of \`organizationId\`, \`resources\` and \`restrictions\` is taken from that key, and the end is
no later than its own.

With an \`Idempotency-Key\` it is safe to send the request again, for a day: a repeat by the same actor makes no second key.
It is answered the same record without the token. The same key with another body is 422.`,
  body: createBody,
  example: { name: 'my script', permissions: ['reports:read'], expiresIn: '90d' },
  headers: ['Idempotency-Key'],
  answers: {
    200: {
      description: 'A repeat: an earlier request has made the key.',
      body: replayedKey,
      headers: ['ETag', 'Idempotency-Replayed'],
    },
    201: {
      description: 'The record, and the token.',
      body: createdKey,
      headers: ['Location', 'ETag'],
    },
  },
  codes: ['KEY_LIMIT_REACHED', 'CONFLICT', 'IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_MISMATCH'],
}

export const listKeys: Operation = {
  id: 'listKeys',
  tag: 'Keys',
  summary: 'Lists keys',
  description: `A page of keys, newest first. Default: one's own. All parameters that are given must hold. A cursor that was
changed, or comes from a list with other parameters, is refused (400).`,
  answers: { 200: { description: 'A page.', body: keyPage } },
}

export const getOwnKey: Operation = {
  id: 'getOwnKey',
  tag: 'Keys',
  summary: 'The key that asks',
  description: 'The record of the key that the request was made with.',
  answers: { 200: RECORD },
}

export const revokeKeys: Operation = {
  id: 'revokeKeys',
  tag: 'Revocation',
  summary: 'Revokes many',
  description: `Revokes the keys that match all that is given: at least one of \`ids\`, \`ownerId\` and \`organizationId\`. A body
without one is refused (400): it never means "all". Keys that the actor may not revoke, and ids that no key has, are
passed over; of \`ids\` it is told which. Deleted keys are revoked too. It is safe to repeat. What takes longer than the app waits is answered 202 with
what is done so far, and goes on: ask again until the answer is 200. By key, the key that asks ends last, if it is among
them: then to ask again is 401.`,
  example: { ownerId: 'alice', organizationId: 'acme', reason: 'has left' },
  answers: {
    200: { description: 'How many keys were ended.', body: revokedKeys },
    202: { description: 'It takes long, and goes on.', body: revokedSoFar, headers: ['Retry-After'] },
  },
  codes: ['CONFLICT'],
}

export const previewRevoke: Operation = {
  id: 'previewRevoke',
  tag: 'Revocation',
  summary: 'Counts what would be revoked',
  description: `How many keys a revocation of many with the same filter would end now, by status and by kind. Nothing is changed.`,
  example: { ownerId: 'alice', organizationId: 'acme' },
  answers: { 200: { description: 'How many keys would be ended.', body: revokePreview } },
}

export const lookupKey: Operation = {
  id: 'lookupKey',
  tag: 'Revocation',
  summary: 'Whose a token is',
  description: `The record that a found token belongs to, whatever its status, also if the token was rotated away. 404 if it is
nobody's, or the actor may not see the key.`,
  example: { token: 'acme_live_…' },
  answers: { 200: RECORD },
  codes: ['NOT_FOUND'],
}

export const reportLeaks: Operation = {
  id: 'reportLeaks',
  tag: 'Revocation',
  summary: 'Takes reports of leaked tokens',
  description: `For secret-scanning partners, as GitHub sends them; there if the app has set the option \`leaks\`. The body must be
signed (ECDSA over P-256 and SHA-256, of the bytes as they are sent) by a published key. Keys whose own token was found are
revoked or only reported, by their kind. At most 1 MiB. It is safe to repeat. No key and no login is looked at.`,
  example: [
    {
      token: 'acme_live_…',
      type: 'acme_api_key',
      url: 'https://github.com/octocat/hello/blob/main/.env',
      source: 'content',
    },
  ],
  headers: ['Github-Public-Key-Identifier', 'Github-Public-Key-Signature'],
  answers: {
    200: { description: 'For each match, in their order, whether it is a token of a key.', body: leakAnswer },
  },
  codes: [
    'ROUTE_NOT_FOUND',
    'SIGNATURE_INVALID',
    'TOO_MANY_REQUESTS',
    'RAW_BODY_REQUIRED',
    'STORE_UNAVAILABLE',
    'CONFLICT',
  ],
}

export const getKey: Operation = {
  id: 'getKey',
  tag: 'Keys',
  summary: 'One record',
  description: 'The record. 404 if there is none, it is deleted, or the actor may not see it.',
  answers: { 200: RECORD },
}

export const updateKey: Operation = {
  id: 'updateKey',
  tag: 'Keys',
  summary: 'Changes fields',
  description: `Changes the fields that are given. A list or an object replaces the one that is there. \`null\` empties
\`description\`, \`organizationId\`, \`expiresAt\` and \`notBefore\`. The owner is changed by a transfer, the kind never.`,
  body: updateBody,
  example: { name: 'nightly script', enabled: false },
  answers: { 200: RECORD },
  codes: ['ALREADY_REVOKED', 'KEY_LIMIT_REACHED', 'CONFLICT'],
}

export const deleteKey: Operation = {
  id: 'deleteKey',
  tag: 'Keys',
  summary: 'Deletes, or purges',
  description: `Deletes a key: it stops working, and can be restored for a while. A second time is 204 too. With \`purge=true\` the
record goes for good.`,
  answers: { 204: { description: 'The key is deleted.' } },
  codes: ['CONFLICT'],
}

export const rotateKey: Operation = {
  id: 'rotateKey',
  tag: 'Keys',
  summary: 'A new token',
  description: `A new token for the same key. \`grace\` bounds all earlier tokens, and lengthens none. At most three tokens of a key
live at a time. Keys that this key has made go on working. Answers to an earlier token have \`Sunset\`, the time when it
ends.`,
  example: { grace: '1h' },
  answers: { 200: { description: 'The record, and the new token.', body: createdKey, headers: ['ETag'] } },
  codes: ['ALREADY_REVOKED', 'CONFLICT'],
}

export const revokeKey: Operation = {
  id: 'revokeKey',
  tag: 'Revocation',
  summary: 'Ends a key',
  description: `Ends a key for good; the record stays. A second time is 200, and keeps the first reason. 404 for deleted keys
too.`,
  example: { reason: 'found in a repository' },
  answers: { 200: RECORD },
  codes: ['CONFLICT'],
}

export const restoreKey: Operation = {
  id: 'restoreKey',
  tag: 'Keys',
  summary: 'Brings a deleted key back',
  description: `Brings a deleted key back as it was. A key that is not deleted is left as it is. 404 once the time to restore it
is over.`,
  answers: { 200: RECORD },
  codes: ['KEY_LIMIT_REACHED', 'CONFLICT'],
}

export const transferKey: Operation = {
  id: 'transferKey',
  tag: 'Keys',
  summary: 'To another owner',
  description: `Gives a key to another owner. For admins, and to or from a user only for those who may act as users. A key that was
made by a key stays where it is (400). Keys that this key made are refused from then on. Given to an organisation, the
key gets that organisation as its \`organizationId\`; else it keeps the one it has.`,
  body: transferBody,
  example: { owner: { type: 'organization', id: 'acme' } },
  answers: { 200: RECORD },
  codes: ['ALREADY_REVOKED', 'KEY_LIMIT_REACHED', 'CONFLICT'],
}

export const changeCredits: Operation = {
  id: 'changeCredits',
  tag: 'Keys',
  summary: 'Changes the balance',
  description: `Adds to the balance of a key that has credits, sets it, or gives back what a request has cost. For admins. A refund is
done once for each \`ref\`, for a year and as long as it is among the key's last 10,000: it is safe to repeat. It is 503 if
the database did not answer; then it may have been done or not. \`If-Match\` is not looked at, since the record is not
changed.`,
  body: creditsBody,
  example: { refund: 5, ref: 'request 4711' },
  answers: { 200: { description: 'What there is after it.', body: creditBalance } },
  codes: ['CONFLICT'],
}

export const getOpenApi: Operation = {
  id: 'getOpenApi',
  tag: 'About',
  summary: 'This document',
  description:
    'The OpenAPI 3.1 document, for everybody. It is the same for every app: no catalogue is in it.',
  answers: { 200: { description: 'The document.', body: openApi } },
}

export const verifyKey: Operation = {
  id: 'verifyKey',
  tag: 'Verification',
  summary: 'Checks a token',
  description: `For gateways, and for services in other languages. By a key that carries \`api-keys:verify\` (so does \`*\`), or an admin.
Who asks vouches for \`ip\` and \`origin\`. A token that
is refused is answered 200 with \`ok: false\`: it is the token's fault, not that of the request.`,
  example: { token: 'acme_live_…', permissions: 'reports:read' },
  answers: { 200: { description: 'What came of it.', body: verification } },
}

export const getConfig: Operation = {
  id: 'getConfig',
  tag: 'About',
  summary: 'What the actor may do',
  description:
    'The catalogue, the kinds, and what the actor may put into a key: for a page that makes and manages keys.',
  answers: { 200: { description: 'What the actor may do.', body: actorConfig } },
}

const AUDIT: AnswerFacts = {
  description: 'A page.',
  body: auditPage,
  csv: AUDIT_CSV_EXAMPLE,
  headers: ['Next-Cursor'],
}

export const listAudit: Operation = {
  id: 'listAudit',
  tag: 'Audit',
  summary: 'Who did what',
  description: `A page of the audit, newest first: what was done, and what was refused. Default: what concerns one's own keys. All
parameters that are given must hold. With \`Accept: text/csv\` it is a table, a row an event; the header \`Next-Cursor\` then
leads to the next page, and is not there on the last one.`,
  answers: { 200: AUDIT },
}

export const listKeyAudit: Operation = {
  id: 'listKeyAudit',
  tag: 'Audit',
  summary: 'What was done to a key',
  description:
    'The same of one key: what was done to it, and what was refused. With `Accept: text/csv` it is a table.',
  answers: { 200: AUDIT },
}

const USAGE: AnswerFacts = {
  description: 'The periods, also those without use.',
  body: usage,
  csv: CSV_EXAMPLE,
}

export const getUsage: Operation = {
  id: 'getUsage',
  tag: 'Usage',
  summary: 'How often keys were used',
  description: `How often keys were used, by hour, day or month and by outcome, for the last 90 days. Default: one's own keys. All
parameters that are given must hold. At most 1,000 periods, else 400. With \`Accept: text/csv\` it is a table: a row a
period, a column an outcome.`,
  answers: { 200: USAGE },
}

export const getKeyUsage: Operation = {
  id: 'getKeyUsage',
  tag: 'Usage',
  summary: 'How often a key was used',
  description: `The same of one key, whoever it belonged to at the time. With \`Accept: text/csv\` it is a table.`,
  answers: { 200: USAGE },
}
