/**
 * Whose token it is. Wrong secrets and unknown ids go one way, whether or not the id is in memory: a comparison with what memory
 * has or with a decoy, a place at the gate, a read, a comparison.
 */
import { hash as digestOf } from 'node:crypto'
import type { Clock, Moment } from '../clock.js'
import type { Config } from '../config.js'
import { parseForeign } from '../key/foreign-token.js'
import type { StoredKey } from '../key/record.js'
import { parseToken } from '../key/token.js'
import type { Alias } from '../store/store.js'
import type { Tally } from '../telemetry/tally.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Fallback } from './fallback.js'
import { away, type Knowledge } from './knowledge.js'
import type { KnownKey } from './known.js'
import { createMatcher, type Presented } from './matching.js'
import { createMissGate } from './miss-gate.js'
import { createNames, type Names } from './names.js'

/** A key, and the one of its hashes that a token has. */
export interface Matched {
  readonly known: KnownKey
  readonly hash: string
}

export interface Finder extends Pick<Names, 'mayBeForeign' | 'note'> {
  /** Its parts, where it is one of ours, or one that another system may have made. */
  parse(token: string): Presented['parsed'] | null
  /** The key whose secret this is, as far as memory tells at once. */
  inMemory(presented: Presented, at: Moment): Matched | null
  /** The same by a read that began after the verification did. */
  inStore(presented: Presented, at: Moment): Promise<Matched | null>
  /** The record that a token belongs to, whatever its status; `null` where the secret is wrong. */
  recordOf(token: string): Promise<StoredKey | null>
  /** The same, with which of the record's hashes the token has. */
  ownerOf(token: string): Promise<{ readonly key: StoredKey; readonly hash: string } | null>
  /** Which of this record's hashes the token has, living or not; `null`: none. */
  hashOf(token: string, key: StoredKey): Promise<string | null>
}

/** Where it gets what it needs. */
export interface FinderSources {
  readonly config: Config
  readonly clock: Clock
  readonly knowledge: Pick<Knowledge, 'records' | 'isAway'>
  /** Reads a record by id. */
  readonly find: (id: string) => Promise<StoredKey | null>
  /** Reads what leads from a token of another system to its key. */
  readonly findAlias: (id: string) => Promise<Alias | null>
  /** Asks the old system about a token that is nobody's here. */
  readonly fallback: Fallback | null
  /** Counts hits and misses. */
  readonly tally: Tally
  /** Is around what memory cannot answer. */
  readonly telemetry: Telemetry
}

export function createFinder(sources: FinderSources): Finder {
  const { config, clock, knowledge, find, findAlias, fallback, tally, telemetry } = sources
  const { records } = knowledge
  const matcher = createMatcher(config)
  const gate = createMissGate(clock)
  const names = createNames(config, findAlias)

  function parse(token: string): Presented['parsed'] | null {
    return parseToken(token, config.prefixes) ?? parseForeign(token, config.imported)
  }

  function inMemory(presented: Presented, { monotonic, wall }: Moment): Matched | null {
    const id = names.known(presented.parsed)
    const known = (id === undefined ? undefined : records.fresh(id, monotonic)) ?? null
    const hash = matcher.known(presented, known?.seen ?? null, livingHashes(known, wall))
    if (known === null || hash === null) return null
    tally.hits++
    return { known, hash }
  }

  async function inStore(presented: Presented, { monotonic, wall }: Moment): Promise<Matched | null> {
    if (knowledge.isAway(monotonic)) throw away()
    const { digest, parsed } = presented
    if (gate.isRefused(digest, monotonic)) return null
    const first = names.known(parsed)
    const compared = first === undefined ? undefined : records.fresh(first, monotonic)
    tally.misses++
    return telemetry.around('verify', () =>
      gate.pass(digest, async () => {
        const id = 'shape' in parsed ? await names.find(parsed) : parsed.id
        // Others may have brought it while this one stood at the gate. A wrong secret costs a read all the same.
        const kept = records.fresh(id, clock.monotonic())
        const brought = kept === undefined || kept === compared ? null : await matched(presented, kept, wall)
        const record = brought === null ? ((await records.read(id)) ?? (await adopted(parsed))) : null
        return brought ?? matched(presented, record, wall)
      }),
    )
  }

  /** The key that the old system knows the token as, from now on ours. */
  async function adopted(token: Presented['parsed']): Promise<KnownKey | null> {
    if (fallback === null || !('shape' in token)) return null
    const id = await fallback.find(token)
    if (id === null) return null
    // A read that is under way may have begun before the record was there.
    records.drop(id)
    return records.read(id)
  }

  async function matched(
    presented: Presented,
    known: KnownKey | null,
    wall: number,
  ): Promise<Matched | null> {
    const hash = await matcher.match(presented, known?.seen ?? null, livingHashes(known, wall))
    return known === null || hash === null ? null : { known, hash }
  }

  async function ownerOf(token: string) {
    const parsed = parse(token)
    if (parsed === null) return null
    const key = await find(await names.find(parsed))
    const hash = await hashAmongAll({ parsed, token }, key)
    return key === null || hash === null ? null : { key, hash }
  }

  /** Also among those of tokens that have ended. */
  async function hashAmongAll(
    { parsed, token }: Pick<Presented, 'parsed'> & { readonly token: string },
    key: StoredKey | null,
  ): Promise<string | null> {
    const hashes = key === null ? [] : [key.hash, ...key.previous.map(one => one.hash)]
    return matcher.match({ parsed, digest: digestOf('sha256', token, 'binary') }, key, hashes)
  }

  return {
    mayBeForeign: names.mayBeForeign,
    note: names.note,
    parse,
    inMemory,
    inStore,
    recordOf: async token => (await ownerOf(token))?.key ?? null,
    ownerOf,
    async hashOf(token, key) {
      const parsed = parse(token)
      return parsed === null ? null : hashAmongAll({ parsed, token }, key)
    },
  }
}

/** The hashes of the tokens that live at `now` (ms): the current one first. */
function livingHashes(known: KnownKey | null, now: number): string[] {
  if (known === null) return []
  const previous = known.rare?.previous ?? []
  return [known.hash, ...previous.filter(one => one.until.getTime() > now).map(one => one.hash)]
}
