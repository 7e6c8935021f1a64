/** Scans what is named on the command line. */
import { addAbortSignal, type Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { createFileScanner, createTextScan, filesBelow, openPipe } from '../scan/files.js'
import type { FinderOptions, Found } from '../scan/finder.js'
import type { Input } from './io.js'

/** Where something was found. */
export interface Place {
  /** `-`: standard input. */
  readonly path: string
}

export interface Scanned {
  files: number
  binary: number
  unreadable: number
  bytes: number
}

export interface ScanWork extends Pick<FinderOptions, 'prefixes'> {
  /** What `-` is. */
  readonly stdin: Input
  /** Throws where it is to stop. */
  readonly check: () => void
  /** Is aborted then, so that a stream is not waited for. */
  readonly signal: AbortSignal
  readonly onFound: (found: Found & Place) => void
  readonly onUnreadable: (path: string) => void
  /** How far it has come: with files, or with the megabytes of a stream. */
  readonly onProgress: (done: number, of: 'files' | 'MB') => void
}

/** So long, in ms, until signals are looked at and progress is told. */
const TURN_MS = 50

export async function scanPaths(paths: readonly string[], work: ScanWork): Promise<Scanned> {
  const scanned: Scanned = { files: 0, binary: 0, unreadable: 0, bytes: 0 }
  const scanFile = createFileScanner({ prefixes: work.prefixes })
  let turnAt = performance.now()
  for (const named of paths) {
    const stream = named === '-' ? work.stdin : openPipe(named)
    if (stream !== null) {
      await scanStream({ stream, path: named }, work, scanned)
      continue
    }
    for (const path of filesBelow(named)) {
      if (performance.now() - turnAt >= TURN_MS) {
        await turn()
        work.check()
        work.onProgress(scanned.files, 'files')
        turnAt = performance.now()
      }
      if (typeof path !== 'string') {
        scanned.unreadable++
        work.onUnreadable(path.unreadable)
        continue
      }
      const { found, bytes, is } = scanFile(path)
      scanned.bytes += bytes
      if (is === 'scanned') scanned.files++
      else scanned[is]++
      if (is === 'unreadable') work.onUnreadable(path)
      for (const one of found) work.onFound({ ...one, path })
    }
    work.onProgress(scanned.files, 'files')
  }
  return scanned
}

/** A stream may be a patch: commits and files are told. */
async function scanStream(
  { stream, path }: { readonly stream: Readable; readonly path: string },
  work: ScanWork,
  scanned: Scanned,
): Promise<void> {
  const scan = createTextScan({ prefixes: work.prefixes, patch: true })
  let told = 0
  try {
    for await (const chunk of addAbortSignal(work.signal, stream)) {
      scan.push(chunk)
      work.onProgress(Math.floor(scan.bytes / 1e6), 'MB')
      for (; told < scan.found.length; told++) {
        const one = scan.found[told]
        if (one !== undefined) work.onFound({ ...one, path })
      }
    }
    scanned.files++
  } catch (error) {
    work.check()
    if (!isOfSystem(error)) throw error
    scanned.unreadable++
    work.onUnreadable(path)
  }
  scanned.bytes += scan.bytes
  // Ctrl-C ends whoever writes into the stream as well: its end may come before the signal does. Two turns, so that signals are asked
  // for once more: those of this turn may have been asked for before the end came.
  await turn()
  await turn()
  work.check()
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
