/** What the program reads from and writes to: a process's own streams, or those of a caller within one. */
import type { Readable, Writable } from 'node:stream'

/** Standard input. */
export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown }

/** Standard output, or standard error. */
export type Sink = Writable & { readonly isTTY?: boolean; readonly columns?: number; hasColors?(): boolean }

export interface Io {
  readonly stdin: Input
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
}

/** How many cells a line has; `null`: it is no terminal, and there is no end. */
export function columnsOf(stream: Sink): number | null {
  return stream.isTTY === true ? Math.max(20, stream.columns || 80) : null
}
