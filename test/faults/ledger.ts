/**
 * Work that goes on while its server is killed, with a ledger of what was acknowledged. Each key has an owner of its own, and one
 * operation at a time: so what may be true of it is what was acknowledged, or that and the one operation that was not answered.
 */
import { type ApiKey, SidekeyError } from 'sidekey'
import type { Random } from '../simulation/random.js'
import type { TestKeys } from '../support/keys.js'

type Status = 'active' | 'disabled' | 'revoked' | 'deleted'

/** A key as it was acknowledged. */
interface Entry {
  readonly owner: string
  readonly id: string
  /** The one that is valid while the key is active. */
  token: string
  /** Those that were rotated away, without grace. */
  readonly ended: string[]
  status: Status
  name: string
  /** Credits that were added and taken, as acknowledged; taken without an answer: they may be gone. */
  balance: number
  inDoubt: number
  /** How often each act was acknowledged. */
  readonly acts: Map<string, number>
}

type Act = 'revoke' | 'rotate' | 'rename' | 'disable' | 'enable' | 'delete' | 'restore' | 'credit' | 'spend'

/** Something that was asked for, and not answered. */
interface Doubt {
  readonly owner: string
  readonly entry: Entry | null
  readonly act: Act | 'create'
}

/** The audit's words. */
const TOLD: Readonly<Record<Act | 'create', string | null>> = {
  create: 'create',
  revoke: 'revoke',
  rotate: 'rotate',
  rename: 'update',
  disable: 'disable',
  enable: 'enable',
  delete: 'delete',
  restore: 'restore',
  credit: 'credits',
  spend: null,
}
const OPENING = 100

export class Ledger {
  readonly #keys: TestKeys
  readonly #random: Random
  readonly #entries: Entry[] = []
  readonly #busy = new Set<Entry>()
  #doubts: Doubt[] = []
  #owners = 0
  /** How many operations were acknowledged, and left in doubt. */
  readonly counts = { acknowledged: 0, inDoubt: 0 }

  constructor(keys: TestKeys, random: Random) {
    this.#keys = keys
    this.#random = random
  }

  /** Does one thing after the other, until one is not answered and it is over. */
  async work(isOver: () => boolean): Promise<void> {
    while ((await this.#one()) || !isOver());
  }

  /** Whether it was answered. */
  async #one(): Promise<boolean> {
    const free = this.#entries.filter(entry => !this.#busy.has(entry) && entry.status !== 'revoked')
    const entry =
      free.length < 20 || this.#random.chance(0.3) ? null : (free[this.#random.below(free.length)] ?? null)
    const owner = entry?.owner ?? `owner-${++this.#owners}`
    const act = entry === null ? 'create' : this.#random.pick(possible(entry))
    if (entry !== null) this.#busy.add(entry)
    try {
      if (entry === null) this.#entries.push(await this.#create(owner))
      else await this.#do(entry, act as Act)
      this.counts.acknowledged++
      if (entry !== null) this.#busy.delete(entry)
      return true
    } catch (error) {
      if (!(error instanceof SidekeyError) || error.code !== 'STORE_UNAVAILABLE') throw error
      this.counts.inDoubt++
      this.#doubts.push({ owner, entry, act })
      return false
    }
  }

  async #create(owner: string): Promise<Entry> {
    const input = { name: owner, owner: { id: owner }, credits: { balance: OPENING } }
    const { apiKey, token } = await this.#keys.create(input)
    return entryOf(owner, apiKey.id, token, ['create'])
  }

  /** A key whose token nobody has got, if it came through. */
  async #found(owner: string): Promise<Entry | null> {
    const [key] = (await this.#keys.list({ owner: { id: owner } })).data
    if (key === undefined) return null
    const { token } = await this.#keys.rotate(key.id, { grace: '0s' })
    return entryOf(owner, key.id, token, ['create', 'rotate'])
  }

  async #do(entry: Entry, act: Act): Promise<void> {
    const keys = this.#keys
    switch (act) {
      case 'rename': {
        const name = `${entry.owner} ${this.#random.below(1e6)}`
        await keys.update(entry.id, { name })
        entry.name = name
        break
      }
      case 'rotate': {
        const { token } = await keys.rotate(entry.id, { grace: '0s' })
        entry.ended.push(entry.token)
        entry.token = token
        break
      }
      case 'credit':
        await keys.credits.add(entry.id, 10)
        entry.balance += 10
        break
      case 'spend':
        await this.#spend(entry)
        break
      default:
        await STATUS[act].run(keys, entry.id)
        entry.status = STATUS[act].leadsTo
    }
    const told = TOLD[act]
    if (told !== null) entry.acts.set(told, (entry.acts.get(told) ?? 0) + 1)
  }

  async #spend(entry: Entry): Promise<void> {
    const answer = await this.#keys.verify(entry.token)
    if (answer.ok) entry.balance--
    else if (answer.code === 'STORE_UNAVAILABLE') {
      entry.inDoubt++
      throw new SidekeyError('STORE_UNAVAILABLE', 'Not answered.')
    } else if (answer.code !== 'CREDITS_EXHAUSTED')
      throw new Error(`a good token was answered ${answer.code}`)
  }

  /** Once the server is back: repeats what was not answered, and tells of all that is not as it was acknowledged. */
  async settle(): Promise<string[]> {
    const faults: string[] = []
    for (const { owner, entry, act } of this.#doubts.splice(0)) {
      const found = entry ?? (await this.#found(owner))
      if (entry === null && found !== null) this.#entries.push(found)
      if (entry === null) continue
      faults.push(...(await this.#settleOne(entry, act as Act)))
      this.#busy.delete(entry)
    }
    return faults
  }

  /** It is as before, or as it was to be; a repeat makes it the latter. */
  async #settleOne(entry: Entry, act: Act): Promise<string[]> {
    if (act === 'spend') return []
    if (act === 'credit') {
      // A repeat would add twice: it may have come through, or not.
      const record = await this.#keys.get(entry.id)
      const balance = record?.credits?.balance ?? Number.NaN
      if (balance > entry.balance) {
        entry.balance += 10
        entry.acts.set('credits', (entry.acts.get('credits') ?? 0) + 1)
      }
      return []
    }
    if (act === 'rotate') entry.ended.push(entry.token)
    const before = entry.status
    try {
      await this.#do(entry, act)
    } catch (error) {
      const code = error instanceof SidekeyError ? error.code : String(error)
      // What was deleted is not there for a repeat.
      if (act !== 'delete' || code !== 'NOT_FOUND') return [`${act} of ${before} ${entry.id}: ${code}`]
      entry.status = 'deleted'
      entry.acts.set(act, (entry.acts.get(act) ?? 0) + 1)
    }
    return []
  }

  /** All that is not as it was acknowledged. */
  async faults(): Promise<string[]> {
    const faults: string[] = []
    const queue = [...this.#entries]
    const look = async () => {
      for (let entry = queue.pop(); entry !== undefined; entry = queue.pop())
        for (const fault of await this.#faultsOf(entry)) faults.push(`${entry.owner} (${entry.id}): ${fault}`)
    }
    await Promise.all(Array.from({ length: 8 }, look))
    return faults
  }

  async #faultsOf(entry: Entry): Promise<string[]> {
    const keys = this.#keys
    const faults: string[] = []
    const record = entry.status === 'deleted' ? await keys.lookup(entry.token) : await keys.get(entry.id)
    if (record === null) return ['the record is gone']
    if (record.status !== entry.status) faults.push(`is ${record.status}, not ${entry.status}`)
    if (record.name !== entry.name) faults.push(`is called ${record.name}, not ${entry.name}`)
    faults.push(...balanceFaults(entry, record))
    const { data } = await keys.list({ owner: { id: entry.owner }, status: ALL, limit: 100 })
    if (data.length !== 1) faults.push(`${data.length} keys, not 1`)
    for (const ended of entry.ended)
      if ((await keys.verify(ended)).ok) faults.push('a token that was rotated away is accepted')
    if (entry.status === 'active') {
      const answer = await keys.verify(entry.token)
      if (answer.ok) entry.balance--
      else if (answer.code !== 'CREDITS_EXHAUSTED') faults.push(`its token is answered ${answer.code}`)
    } else if ((await keys.verify(entry.token)).ok) faults.push(`${entry.status}, it is accepted`)
    const told = new Map<string, number>()
    for (const { action } of (await keys.audit({ keyId: entry.id, limit: 100 })).data)
      told.set(action, (told.get(action) ?? 0) + 1)
    for (const [act, times] of entry.acts)
      if ((told.get(act) ?? 0) < times)
        faults.push(`the audit tells ${act} ${told.get(act) ?? 0} times, not ${times}`)
    return faults
  }
}

const ALL = ['active', 'disabled', 'revoked', 'expired', 'scheduled', 'deleted'] as const

const STATUS = {
  revoke: { run: (keys: TestKeys, id: string) => keys.revoke(id), leadsTo: 'revoked' },
  disable: { run: (keys: TestKeys, id: string) => keys.update(id, { enabled: false }), leadsTo: 'disabled' },
  enable: { run: (keys: TestKeys, id: string) => keys.update(id, { enabled: true }), leadsTo: 'active' },
  delete: { run: (keys: TestKeys, id: string) => keys.delete(id), leadsTo: 'deleted' },
  restore: { run: (keys: TestKeys, id: string) => keys.restore(id), leadsTo: 'active' },
} as const

function possible({ status }: Entry): readonly [Act, ...Act[]] {
  if (status === 'deleted') return ['restore']
  if (status === 'disabled') return ['enable', 'revoke', 'rename']
  return [
    'revoke',
    'rotate',
    'rotate',
    'rename',
    'disable',
    'delete',
    'credit',
    'credit',
    'spend',
    'spend',
    'spend',
  ]
}

function entryOf(owner: string, id: string, token: string, acts: readonly string[]): Entry {
  const told = new Map(acts.map(act => [act, 1]))
  return {
    owner,
    id,
    token,
    ended: [],
    status: 'active',
    name: owner,
    balance: OPENING,
    inDoubt: 0,
    acts: told,
  }
}

function balanceFaults({ balance, inDoubt }: Entry, { credits }: ApiKey): string[] {
  const has = credits?.balance ?? Number.NaN
  return has <= balance && has >= balance - inDoubt
    ? []
    : [`has ${has} credits, not ${balance - inDoubt} to ${balance}`]
}
