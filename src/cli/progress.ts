/** How far long work has come, on a terminal only. */
import { columnsOf, type Sink } from './io.js'
import { cut } from './text.js'

export interface Progress {
  /** So much is done, of so much; `null`: it is not known of how much. */
  at(done: number, total: number | null): void
  /** Takes it off the terminal. */
  end(): void
}

const SILENT: Progress = { at: () => {}, end: () => {} }
/** So often it is drawn anew, in ms. */
const EVERY_MS = 100
const BAR = 20

/** @param what such as `keys` */
export function createProgress(what: string, stream: Sink): Progress {
  if (stream.isTTY !== true) return SILENT
  let drawnAt = 0
  let isDrawn = false
  return {
    at(done, total) {
      const now = performance.now()
      if (now - drawnAt < EVERY_MS && done !== total) return
      drawnAt = now
      isDrawn = true
      stream.write(`\r\x1b[K${cut(lineOf(what, done, total), (columnsOf(stream) ?? 80) - 1)}`)
    },
    end() {
      if (isDrawn) stream.write('\r\x1b[K')
      isDrawn = false
    },
  }
}

function lineOf(what: string, done: number, total: number | null): string {
  if (total === null || total === 0) return `${done.toLocaleString('en')} ${what}`
  const part = Math.min(1, done / total)
  const full = Math.round(part * BAR)
  const bar = '#'.repeat(full) + '-'.repeat(BAR - full)
  return `[${bar}] ${Math.floor(part * 100)} % ${done.toLocaleString('en')}/${total.toLocaleString('en')} ${what}`
}
