/** Verifying processes, as a test starts them, tells them, hears from them, stops them and ends them. */
import type { ChildProcess } from 'node:child_process'
import type { Target } from './narrowing.js'
import type { Program } from './run.js'
import type { Order, Report, Tells, Told } from './verifying-process.js'

/** When a call that narrows a key began, and when its promise had resolved, by the clock of the whole machine. */
export interface Times {
  readonly began: bigint
  readonly resolved: bigint
}

/** One of the processes. Whatever is waited for rejects where the process fails or ends, or after half a minute. */
export interface Member {
  /** Gives it keys to verify; resolves once it has accepted each from memory. */
  warm(targets: readonly Target[]): Promise<void>
  /** Between two turns of verifying; 0: none. */
  pause(ms: number): void
  /** @throws NotNarrowed */
  narrow(target: Target): Promise<Times>
  /** Resolves once each key that is kept was last answered this. */
  until(code: string): Promise<void>
  /** What it has seen, until each key was verified once more. */
  report(): Promise<Report>
  /** `SIGSTOP`: it stands still, as a machine does that is suspended, and has not let go of anything. */
  suspend(): void
  /** `SIGCONT` */
  resume(): void
  /** `SIGKILL`; resolves once it is gone. */
  kill(): Promise<void>
}

export interface Fleet {
  /** Those that have not been killed. */
  readonly members: readonly Member[]
  /** One more; `order` is what differs from the order of all. */
  start(order?: Partial<Order>): Member
  /** Kills them all, also those that stand still. */
  end(): Promise<void>
}

/** A process has not narrowed a key: its call rejected with `code`, or it ended before it did (`ENDED`). */
export class NotNarrowed extends Error {
  constructor(
    readonly code: string,
    why: string,
  ) {
    super(why)
  }
}

export const ENDED = 'ENDED'

const PATIENCE_MS = 30_000

export function openFleet(program: Pick<Program, 'fork'>, order: Order): Fleet {
  const members = new Set<Member>()
  return {
    get members() {
      return [...members]
    },
    start(own = {}) {
      const member = memberOf(program.fork({ ...order, ...own }), () => members.delete(member))
      members.add(member)
      return member
    },
    async end() {
      await Promise.all([...members].map(member => member.kill()))
    },
  }
}

/** Somebody waits for something that a process tells. */
interface Pending {
  /** Whether this was it. */
  readonly take: (told: Tells) => boolean
  readonly failed: (error: Error) => void
}

function memberOf(child: ChildProcess, onEnd: () => void): Member {
  const pending = new Set<Pending>()
  let gone: Error | null = null

  /** Nothing more is to be had from it. */
  function fail(error: Error): void {
    gone ??= error
    for (const { failed } of pending) failed(gone)
    pending.clear()
  }

  child.on('message', (told: Tells) => {
    if ('failed' in told && told.narrowing === undefined) return fail(new Error(told.failed))
    for (const one of pending) if (one.take(told)) pending.delete(one)
  })
  const ended = new Promise<void>(done => {
    const end = (why: string) => {
      fail(new NotNarrowed(ENDED, `the process has ended: ${why}`))
      onEnd()
      done()
    }
    child.once('exit', (code, signal) => end(String(signal ?? code)))
    child.once('error', ({ message }) => end(message))
  })

  /** Tells the process something and resolves to the first that it tells which `find` makes something of. */
  function ask<T>(told: Told, find: (answer: Tells) => T | Error | null): Promise<T> {
    return new Promise((done, failed) => {
      if (gone !== null) return failed(gone)
      const take = (answer: Tells) => {
        const found = find(answer)
        if (found instanceof Error) failed(found)
        else if (found !== null) done(found)
        return found !== null
      }
      const one = { take, failed }
      pending.add(one)
      tell(told)
      const late = () => {
        if (pending.delete(one)) failed(new Error(`no answer to ${Object.keys(told)} in ${PATIENCE_MS} ms`))
      }
      setTimeout(late, PATIENCE_MS).unref()
    })
  }

  // Whom it does not reach has ended, or ends: that is told by its own event.
  const tell = (told: Told) => void child.send(told, () => {})

  return {
    async warm(targets) {
      await ask({ targets }, told => ('warm' in told ? NOTHING : null))
      await ask({ recall: true }, told => ('recalled' in told ? NOTHING : null))
    },
    pause: pauseMs => tell({ pauseMs }),
    narrow: target => ask<Times>({ narrow: target }, told => timesOf(target.id, told)),
    until: code =>
      ask({ until: code }, told => ('reached' in told && told.reached === code ? NOTHING : null)),
    report: () => ask({ report: true }, told => ('accepted' in told ? told : null)),
    suspend: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const NOTHING = undefined

function timesOf(id: string, told: Tells): Times | NotNarrowed | null {
  if ('narrowed' in told && told.narrowed === id) return told
  if ('failed' in told && told.narrowing === id)
    return new NotNarrowed(told.code ?? 'unexpected', told.failed)
  return null
}
