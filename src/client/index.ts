export type { FieldError } from '../errors.js'
export type { AuditAction } from '../key/audit-event.js'
export type { KeyStatus, Metadata, Owner } from '../key/record.js'
export type { ConfigQuery } from '../manage/actor-config.js'
export type { AuditQuery } from '../manage/audit-query.js'
export type { CreditsInput, CreditsPatch, RefillInput } from '../manage/credit-input.js'
export type { CreateInput, OwnerInput, RestrictionsInput, UpdateInput } from '../manage/input.js'
export type { UsageQuery } from '../manage/usage-query.js'
export type { VerifyRequest } from '../verify/verification.js'
export { keyClient } from './client.js'
export { KeyClientError, type KeyClientErrorCode, type KeyClientErrorFacts } from './error.js'
export type { CreditClient, KeyClient } from './face.js'
export type {
  CallOptions,
  ChangeOptions,
  Condition,
  CreateOptions,
  CreditOptions,
  ListQuery,
  RefundOptions,
  RevokeAllOptions,
  RevokeFilter,
  RevokeOptions,
  RotateOptions,
} from './inputs.js'
export type { Fetch, FetchAnswer, FetchInit, HeaderValues, KeyClientOptions } from './options.js'
export type {
  ApiKey,
  AuditEvent,
  Balance,
  Created,
  Jsonified,
  KeyConfig,
  KindConfig,
  Page,
  Replayed,
  RevokeAllResult,
  RevokePreview,
  Usage,
  UsagePeriod,
  Verification,
  WithToken,
} from './types.js'
