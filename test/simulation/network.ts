/**
 * The way to the database and back. An operation takes effect at once for all (it is linearizable), at some moment between
 * the question and the answer; both may take long, overtake others, or be lost, and what was given up may take
 * effect later.
 *
 * After a fail-over the deposed primary still takes operations for a while. It cannot write any more, nor answer a read that has
 * to be linearizable: those fail, or wait until it has learnt who follows it.
 */
import { SidekeyError } from '../../src/errors.js'
import { copyOf, type Documents } from './documents.js'
import type { Machine } from './machine.js'
import type { Random } from './random.js'
import type { FailOver } from './schedule.js'
import type { World } from './world.js'

export interface Weather {
  /** A way there, or back, takes up to so long, in ms. */
  readonly usualMs: number
  /** This share of them takes up to `slowMs`. */
  readonly slow: number
  readonly slowMs: number
  /** This share of operations is lost on the way there, and as many on the way back. */
  readonly lost: number
  /** This share of what is lost is not even told of as an error. */
  readonly silent: number
  /** What is not answered by then has failed for the one who asked. */
  readonly timeoutMs: number
}

export type Operation =
  | 'find'
  | 'user'
  | 'replace'
  | 'write user'
  | 'remove'
  | 'pending'
  | 'append events'
  | 'clear outboxes'
  | 'changes'
  | 'tags'
  | 'publish'
  | 'insert lease'
  | 'renew'
  | 'leases'
  | 'remove lease'

/** A process is killed with its nth operation: before that goes out, or when it has taken effect. */
export interface Death {
  readonly nth: number
  readonly moment: 'asked' | 'done'
}

export interface Network {
  /** The documents as they are. */
  readonly documents: Documents
  ask<T>(machine: Machine, operation: Operation, effect: (documents: Documents) => T): Promise<T>
  /** Calls `then` when an operation of this sort, by anyone, takes effect for the first time from now on. */
  upon(operation: Operation, then: () => void): void
  /** Nothing of a process gets through, there or back, for so long. */
  cutOff(machine: Machine, ms: number): void
  failOver(failOver: FailOver): void
  killAt(machine: Machine, death: Death): void
}

/** What the deposed primary answers as if nothing had happened. */
const ANSWERED_BY_DEPOSED: ReadonlySet<Operation> = new Set<Operation>([])

/** One for all: a stack for each would cost more than the schedule. */
const UNAVAILABLE = new SidekeyError('STORE_UNAVAILABLE', 'The database does not answer.')

/** What a process has asked, and what becomes of it. */
interface Question {
  readonly machine: Machine
  readonly operation: Operation
  readonly effect: (documents: Documents) => unknown
  /** Of all that this process has asked. */
  readonly nth: number
  readonly deadline: number
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

export interface NetworkParts {
  readonly world: World
  readonly random: Random
  readonly weather: Weather
  readonly documents: Documents
  readonly count: (fault: Fault) => void
  readonly log: (time: number, what: string) => void
}

export type Fault = 'slow' | 'lost' | 'silent' | 'late' | 'fail-over' | 'deposed' | 'killed at a step'

export function createNetwork({ world, random, weather, documents, count, log }: NetworkParts): Network {
  let deposed = documents
  let electedAt = Number.NEGATIVE_INFINITY
  let deposedUntil = Number.NEGATIVE_INFINITY
  /** How often a process still turns to the deposed primary with an operation. */
  const astray = new Map<string, number>()
  const waiting: { readonly operation: Operation; readonly then: () => void }[] = []
  const cutOffUntil = new Map<Machine, number>()
  const asked = new Map<Machine, number>()
  const deaths = new Map<Machine, Death>()

  function way(): number {
    if (!random.chance(weather.slow)) return random.next() * weather.usualMs
    count('slow')
    return random.next() * weather.slowMs
  }

  function asksDeposed({ machine, operation }: Question): boolean {
    const name = `${machine.name} ${operation}`
    const share = astray.get(name) ?? (isAstray(machine) ? random.pick([0, 0, 0.5, 1]) : 0)
    astray.set(name, share)
    return random.chance(share)
  }

  function isAstray({ name }: Machine): boolean {
    const share = astray.get(name) ?? random.below(2)
    astray.set(name, share)
    return share > 0
  }

  function tell(operation: Operation): void {
    if (waiting.length === 0) return
    const now = waiting.filter(one => one.operation === operation)
    for (const one of now) {
      waiting.splice(waiting.indexOf(one), 1)
      one.then()
    }
  }

  /** When something goes out, or comes in, that is sent now. */
  function wayOf(machine: Machine): number {
    return Math.max(0, (cutOffUntil.get(machine) ?? 0) - world.now()) + way()
  }

  function dies({ machine, nth }: Question, moment: Death['moment']): boolean {
    const death = deaths.get(machine)
    if (death?.nth !== nth || death.moment !== moment) return false
    count('killed at a step')
    machine.kill()
    return true
  }

  function arriveIn(ms: number, question: Question): void {
    const time = world.now() + ms
    if (time > question.deadline) {
      count('late')
      failIn(Number.POSITIVE_INFINITY, question)
    }
    world.at(time, () => arrive(question))
  }

  function arrive(question: Question): void {
    const { operation, effect } = question
    const now = world.now()
    if (now < electedAt) {
      if (random.chance(0.2)) failIn(way(), question)
      else arriveIn(electedAt - now + way(), question)
    } else if (now < deposedUntil && asksDeposed(question)) {
      count('deposed')
      if (ANSWERED_BY_DEPOSED.has(operation)) answer(question, effect(deposed))
      // A write, or a linearizable read: neither can be, without the others.
      else if (random.chance(0.7)) arriveIn(deposedUntil - now + way(), question)
      else failIn(way(), question)
    } else {
      const result = effect(documents)
      log(now, `  ${operation}, of ${question.machine.name}`)
      tell(operation)
      if (dies(question, 'done')) return
      if (random.chance(weather.lost)) lose(question)
      else answer(question, result)
    }
  }

  function answer(question: Question, result: unknown): void {
    const time = world.now() + wayOf(question.machine)
    if (time > question.deadline) failIn(Number.POSITIVE_INFINITY, question)
    else world.at(time, () => question.machine.run(() => question.resolve(result)))
  }

  function lose(question: Question): void {
    count('lost')
    if (random.chance(weather.silent)) count('silent')
    else failIn(way(), question)
  }

  function failIn(ms: number, { machine, deadline, reject }: Question): void {
    world.at(Math.min(world.now() + ms, deadline), () => machine.run(() => reject(UNAVAILABLE)))
  }

  function ask<T>(machine: Machine, operation: Operation, effect: (documents: Documents) => T): Promise<T> {
    const nth = (asked.get(machine) ?? 0) + 1
    asked.set(machine, nth)
    return new Promise<T>((resolve, reject) => {
      const deadline = world.now() + weather.timeoutMs
      // What is resolved with is what `effect` has returned.
      const question = {
        machine,
        operation,
        effect,
        nth,
        deadline,
        resolve: resolve as Question['resolve'],
        reject,
      }
      if (dies(question, 'asked')) return
      if (random.chance(weather.lost)) lose(question)
      else arriveIn(wayOf(machine), question)
    })
  }

  return {
    documents,
    ask,
    upon: (operation, then) => void waiting.push({ operation, then }),
    cutOff: (machine, ms) => void cutOffUntil.set(machine, world.now() + ms),
    failOver({ gapMs, deposedMs }) {
      count('fail-over')
      astray.clear()
      deposed = copyOf(documents)
      electedAt = world.now() + gapMs
      deposedUntil = electedAt + deposedMs
    },
    killAt: (machine, death) => void deaths.set(machine, death),
  }
}
