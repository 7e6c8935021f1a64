export {
  type ErrorCode,
  type ErrorDetails,
  type FieldError,
  type RefusalCode,
  SidekeyError,
} from './errors.js'
export type { ImportedSource } from './imported-source.js'
export type { Action } from './key/action.js'
export type {
  AuditAction,
  AuditActor,
  AuditEvent,
  ChangeAction,
  Changes,
  ListedEvent,
} from './key/audit-event.js'
export type { CreditAccount, RefillFacts } from './key/credit-account.js'
export type { Covers, ForeignAlgorithm } from './key/foreign-hash.js'
export type { HashAlgorithm } from './key/hash.js'
export type { Idle } from './key/idle.js'
export type { NamedHash } from './key/imported-hash.js'
export type { Limit, LimitScope, Limits } from './key/limit.js'
export type { ManagementPermission, PermissionPattern, Requirement } from './key/permission.js'
export type {
  ApiKey,
  Credits,
  Deletion,
  Imported,
  ImportedFrom,
  Json,
  KeyStatus,
  Metadata,
  Owner,
  PreviousHash,
  Rank,
  Revocation,
  StoredKey,
  SwitchedOff,
} from './key/record.js'
export { type RedactOptions, redact } from './key/redact.js'
export type { CreditRule, Period, Refill } from './key/refill.js'
export type { Restrictions } from './key/restriction.js'
export type { Counters, Limiter } from './limit/counters.js'
export type { LimitState, LimitStates } from './limit/limiter.js'
export type { Logger } from './logger.js'
export type { Actor, KeyActor, Membership, RequestActor, SessionActor } from './manage/actor.js'
export type { ActorConfig, ConfigQuery, KindConfig } from './manage/actor-config.js'
export type { FallbackAnswer } from './manage/adopt.js'
export type { AuditPage, AuditQuery } from './manage/audit-query.js'
export type { ChangeOptions } from './manage/change.js'
export type { Created, CreateOptions, Replayed } from './manage/create.js'
export type { CreditsInput, CreditsPatch, RefillInput } from './manage/credit-input.js'
export type { Balance, CreditManagement, CreditOptions, RefundOptions } from './manage/credits.js'
export type { KeyEvent, KeyEventListener, KeyEventName } from './manage/events.js'
export type { ImportFailure, ImportRecords, ImportResult } from './manage/import.js'
export type { ImportOptions, ImportRecord } from './manage/import-input.js'
export type {
  CreateInput,
  ListQuery,
  OwnerInput,
  RestrictionsInput,
  RevokeFilter,
  UpdateInput,
} from './manage/input.js'
export type { Page } from './manage/list.js'
export type { RevokeAllOptions, RevokeOptions } from './manage/revoke.js'
export type { RevokeAllResult } from './manage/revoke-all.js'
export type { RevokePreview } from './manage/revoke-preview.js'
export type { OrganizationRole } from './manage/roles.js'
export type { RotateOptions } from './manage/rotate.js'
export type { Usage, UsagePeriod } from './manage/usage.js'
export type { UsageQuery } from './manage/usage-query.js'
export type {
  ApiKeysOptions,
  CacheOptions,
  CoherenceOptions,
  Decision,
  KindOptions,
  PepperOptions,
} from './options.js'
export { type ApiKeys, apiKeys, type Health, type KeyManagement } from './sidekey.js'
export type { CreditChange, CreditStore, TakenCredits } from './store/credit-store.js'
export { memoryStore } from './store/memory.js'
export type {
  Alias,
  ChangeEntry,
  Changes as PublishedChanges,
  ClaimResult,
  Drained,
  EventQuery,
  HourlyUsage,
  IdleCheck,
  KeptEvent,
  KeyQuery,
  Lease,
  LocalChanges,
  Named,
  SharedChanges,
  Slot,
  Store,
  UsageBucket,
  UsageFilter,
  Use,
} from './store/store.js'
export type { Metrics, OperationName, Telemetry } from './telemetry/telemetry.js'
export type { UsageOutcome } from './usage/counter.js'
export type { PeriodLength } from './usage/periods.js'
export type { Accepted, Refused, Verification, VerifyRequest } from './verify/verification.js'
