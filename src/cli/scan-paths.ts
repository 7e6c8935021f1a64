/** Scans what is named on the command line. */
import { setImmediate as turn } from 'node:timers/promises'
import { createFileScanner, createTextScan, filesBelow } from '../scan/files.js'
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
  readonly onFound: (found: Found & Place) => void
  readonly onUnreadable: (path: string) => void
  readonly onProgress: (files: number) => void
}

/** So long, in ms, until signals are looked at and progress is told. */
const TURN_MS = 50

export async function scanPaths(paths: readonly string[], work: ScanWork): Promise<Scanned> {
  const scanned: Scanned = { files: 0, binary: 0, unreadable: 0, bytes: 0 }
  const scanFile = createFileScanner({ prefixes: work.prefixes })
  let turnAt = performance.now()
  for (const named of paths) {
    if (named === '-') {
      await scanInput(work, scanned)
      continue
    }
    for (const path of filesBelow(named)) {
      if (performance.now() - turnAt >= TURN_MS) {
        await turn()
        work.check()
        work.onProgress(scanned.files)
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
  }
  return scanned
}

/** Standard input may be a patch: commits and files are told. */
async function scanInput(work: ScanWork, scanned: Scanned): Promise<void> {
  const scan = createTextScan({ prefixes: work.prefixes, patch: true })
  scanned.files++
  let told = 0
  for await (const chunk of work.stdin) {
    work.check()
    scan.push(chunk)
    for (; told < scan.found.length; told++) {
      const one = scan.found[told]
      if (one !== undefined) work.onFound({ ...one, path: '-' })
    }
  }
  scanned.bytes += scan.bytes
}
