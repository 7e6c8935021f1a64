/** The factory: wires the parts, nothing else. */
import { randomBytes } from 'node:crypto'
import { CLOCK, type Clock } from './clock.js'
import { type Config, toConfig } from './config.js'
import type { ApiKeys } from './face.js'
import { INTERNALS, type Internals } from './internals.js'
import { createCredits } from './limit/credits.js'
import { createMeters } from './limit/meters.js'
import { createPermits } from './limit/permits.js'
import { type RequestActor, SERVER } from './manage/actor.js'
import { adopter } from './manage/adopt.js'
import { callerOf } from './manage/caller.js'
import { checks } from './manage/checks.js'
import { createCreditOutbox } from './manage/credit-outbox.js'
import type { Deps } from './manage/deps.js'
import { endUnused } from './manage/end-unused.js'
import { createEmitter, listen } from './manage/events.js'
import { ownerInput } from './manage/fields.js'
import { type ImportRecords, importKeys } from './manage/import.js'
import { type ImportOptions, importSchema } from './manage/import-input.js'
import { type Rehearsal, rehearse } from './manage/import-rehearsal.js'
import { inputSchemas } from './manage/input-schemas.js'
import { createLeaks } from './manage/leaks.js'
import { management } from './manage/management.js'
import { createNotices, tellOfEnds } from './manage/notices.js'
import { createOutbox } from './manage/outbox.js'
import { createRefusals } from './manage/refusals.js'
import { keepFor } from './manage/retention.js'
import { slotFreer } from './manage/slots.js'
import { createSweeper, purgeOverdue } from './manage/sweep.js'
import { tellOfCredits, tidyAccounts } from './manage/sweep-credits.js'
import { createTurns } from './manage/turns.js'
import { once } from './once.js'
import type { ApiKeysOptions } from './options.js'
import { BY_TIMERS, byCalls } from './schedule.js'
import { countedCounters, countedStore } from './telemetry/counted-store.js'
import { harmlessTelemetry } from './telemetry/harmless.js'
import { Tally } from './telemetry/tally.js'
import type { Metrics } from './telemetry/telemetry.js'
import { createLastUse } from './usage/last-use.js'
import { onSigterm } from './usage/on-sigterm.js'
import { createRecorder, type Recorder } from './usage/recorder.js'
import { parseInput } from './validation.js'
import { createFallback } from './verify/fallback.js'
import { createFinder } from './verify/finder.js'
import { createKnowledge } from './verify/knowledge.js'
import { createOwnerNames, ownerGrants, ownerUser } from './verify/owner.js'
import { createProofs } from './verify/proofs.js'
import type { VerifyRequest } from './verify/verification.js'
import { createVerifier } from './verify/verifier.js'

export type { ApiKeys, Health, KeyManagement } from './face.js'

/**
 * API keys for an app that has users and a login of its own.
 *
 * Throws `INVALID_OPTION` at once for a wrong option, naming it and what it takes.
 *
 * @example
 * ```ts
 * const keys = apiKeys({
 *   prefix: 'acme_live',
 *   store: mongooseStore(mongoose.connection),
 *   permissions: ['reports:read', 'reports:write'],
 *   actor: user => ({ id: user.id, admin: user.role === 'admin', organizations: user.memberships }),
 *   user: owner => User.findById(owner.id),
 *   grants: owner => permissionsOf(owner),
 * })
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: the default for the app's own user type, which only the app knows
export function apiKeys<const P extends string = string, U = any>(options: ApiKeysOptions<P, U>): ApiKeys<P> {
  const tally = new Tally()
  const config = counting(toConfig(options), tally)
  const { store, telemetry } = config
  const now = Date.now
  const clock: Clock = { ...CLOCK, wall: now }
  const grants = ownerGrants(config)
  const warn = (err: unknown, message: string) => config.logger.warn({ err }, message)
  const schedule = config.cache === null ? byCalls(now) : BY_TIMERS
  const lastUse = createLastUse({ store, warn, schedule, keepsIp: config.lastUsedIp })
  const usage = createRecorder(store, { warn, schedule })
  const proofs = createProofs()
  const knowledge = createKnowledge({
    config,
    store,
    clock,
    newId: randomId,
    readGrants: grants,
    readUser: ownerUser(config),
    later: schedule.after,
    onRecordGone: proofs.onGone,
  })
  const permits = createPermits({ counters: config.counters, clock, processes: knowledge.processes, warn })
  const meters = createMeters(config, permits, createCredits(store))
  const findAlias = (id: string) => store.findAlias(id)
  const count: Recorder['count'] = (key, outcome, at) => {
    tally.count(outcome)
    usage.count(key, outcome, at)
  }
  const finder = createFinder({
    config,
    clock,
    knowledge,
    find: id => store.find(id),
    findAlias,
    fallback: createFallback(config, findAlias, (token, answer) => adopt(token, answer)),
    tally,
    telemetry,
  })
  const verifier = createVerifier({
    config,
    clock,
    knowledge,
    finder,
    meters,
    proofs: proofs.over(knowledge.records),
    rehash: (id, from, to) => store.rehash(id, from, to),
    lastUse,
    onOutcome: count,
    tally,
  })
  const keep = keepFor(config.auditRetention)
  const emitter = createEmitter(error => warn(error, 'a listener of keys.on failed'), now)
  const creditOutbox = createCreditOutbox({ store, keep, emitter })
  const outbox = createOutbox({
    store,
    knowledge,
    keep,
    emitter,
    creditOutbox,
    retireAlias: (id, keyId) => store.retireAlias(id, keyId),
    freeSlot: slotFreer(config),
    warn,
  })
  const refusals = createRefusals({ store, keep, emitter, schedule, now, warn })
  const deps: Deps = {
    config,
    store,
    finder,
    verifier,
    grants,
    now,
    outbox,
    creditOutbox,
    lastUse,
    usage,
    refusals,
    turns: createTurns(),
  }
  const reportLeaks = createLeaks(deps, { keep, emitter })
  const notices = createNotices(config.expiringBefore, keep, emitter)
  const rareSteps = [purgeOverdue, tellOfCredits, tidyAccounts, tellOfEnds(notices), endUnused(notices)]
  const sweeper = createSweeper(deps, rareSteps, () => emitter.has('expiring'))
  /** What goes on beside calls begins with the first of them. */
  const goOn = config.cache === null ? schedule.nudge : sweeper.start
  const flush = () => Promise.all([refusals.flush(), lastUse.flush(), usage.flush()])
  let callOff: (() => void) | null = null
  const wake = () => {
    callOff ??= onSigterm(flush)
    goOn()
  }
  const wakeToManage = () => {
    wake()
    if (config.cache === null) sweeper.sweepIfDue()
  }
  const identify = (token: unknown, request?: VerifyRequest) => {
    wake()
    return verifier.identify(token, request)
  }
  const inputs = inputSchemas(config)
  const importRecord = once(() => importSchema(inputs))
  const adopt = adopter(deps, importRecord)
  const nameOf = createOwnerNames()
  const metrics = (): Metrics => ({
    verifications: tally.verifications(),
    cache: { hits: tally.hits, misses: tally.misses, records: knowledge.records.size() },
    leaseAgeMs: knowledge.leaseAge(clock.monotonic()),
    storeErrors: tally.storeErrors(),
    queues: { lastUses: lastUse.size(), usage: usage.size(), refusals: refusals.size() },
  })
  const unobserve = telemetry.observe(metrics)
  const imported = async (records: ImportRecords, options?: ImportOptions, rehearsal?: Rehearsal) => {
    wakeToManage()
    const context = { caller: SERVER, request: undefined }
    return telemetry.around('import', () =>
      importKeys(deps, importRecord(), context, records, options, rehearsal),
    )
  }
  const internals: Internals = {
    config,
    identify,
    charge: meters.chargeOnce,
    count: (key, outcome) => count(key, outcome, now()),
    countNobodys: code => tally.count(code),
    asServer: request =>
      management(deps, inputs, async () => {
        wakeToManage()
        return { caller: SERVER, request }
      }),
    checks: checks(deps, inputs, { caller: SERVER, request: undefined }),
    reportLeaks: (request, leaks, policyOf) => {
      wakeToManage()
      return reportLeaks({ caller: SERVER, request }, leaks, policyOf)
    },
    userOf: owner => knowledge.users.load(nameOf(owner)),
    importer: options => {
      const rehearsal = rehearse(deps)
      return records => imported(records, options, rehearsal)
    },
  }

  const keys: ApiKeys<P> = {
    ...management(deps, inputs, async () => {
      wakeToManage()
      return { caller: SERVER, request: undefined }
    }),
    // Not async: a promise that is there already is cheaper.
    verify(token, request) {
      try {
        wake()
        return verifier.verifyLater(token, request)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    import: (records, options) => imported(records, options),
    async forget(owner) {
      const known = parseInput(ownerInput, owner, 'owner')
      return telemetry.around('forget', async () => {
        const published = await knowledge.publish({ keyIds: [], owners: [known] })
        await published.heard()
      })
    },
    as(user, request) {
      let actor: Promise<RequestActor> | undefined
      return management(deps, inputs, async () => {
        wakeToManage()
        actor ??= callerOf(config, user, request)
        return { caller: await actor, request }
      })
    },
    on(event, listener) {
      wakeToManage() // the sweep gives the notices
      return listen(emitter, event, listener)
    },
    health: () =>
      store.ping().then(
        () => ({ ok: true, store: 'up' }),
        () => ({ ok: false, store: 'away' }),
      ),
    ready: () => store.ready(),
    metrics,
    async close() {
      unobserve?.()
      sweeper.stop()
      callOff?.()
      await Promise.all([refusals.flush(), lastUse.close(), usage.close(), knowledge.stop(), permits.close()])
      await store.close()
    },
  }
  Object.defineProperty(keys, INTERNALS, { value: internals })
  return keys
}

/** 128 random bits: of leases, and of what processes tell each other. */
function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** The same, with what fails of the store's and the limiter's counted, and a telemetry that harms nothing. */
function counting(config: Config, tally: Tally): Config {
  const { store, counters, telemetry, logger } = config
  const failed = (method: string) => tally.countStoreError(method)
  return {
    ...config,
    store: countedStore(store, failed),
    counters: countedCounters(counters, failed),
    telemetry: harmlessTelemetry(telemetry, logger),
  }
}
