/** The files that are scanned: those that are named, and all that is below the folders that are. */
import {
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createFinder, type Finder, type FinderOptions, type Found } from './finder.js'

/** Folders that are passed over below one that is named: what is in them is packed, or somebody else's. */
export const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules'])

const CHUNK = 1024 * 1024
/** As git does: a NUL among the first bytes is a file that is no text. */
const LOOKED_AT = 8_000

export interface FileReport {
  readonly path: string
  readonly found: readonly Found[]
  readonly bytes: number
  readonly is: 'scanned' | 'binary' | 'unreadable'
}

/** The paths of the regular files; links are not followed, unless they are named themselves. */
export function* filesBelow(path: string): Generator<string | { readonly unreadable: string }> {
  let isFolder: boolean
  try {
    const stat = statSync(path)
    isFolder = stat.isDirectory()
    if (!isFolder && !stat.isFile()) return yield { unreadable: path }
  } catch {
    return yield { unreadable: path }
  }
  if (isFolder) yield* inFolder(path)
  else yield path
}

/**
 * What comes through a named pipe, such as that of `<(git log -p)`; `null`: there is none, or it cannot be read. Without blocking: one
 * that nobody writes into would keep the process from its end.
 */
export function openPipe(path: string): Readable | null {
  try {
    if (!statSync(path).isFIFO()) return null
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return new Socket({ fd, readable: true, writable: false })
  } catch {
    return null
  }
}

function* inFolder(folder: string): Generator<string | { readonly unreadable: string }> {
  const waiting = [folder]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    let entries: ReturnType<typeof entriesOf>
    try {
      entries = entriesOf(next)
    } catch {
      yield { unreadable: next }
      continue
    }
    for (const entry of entries) {
      const path = join(next, entry.name)
      if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) waiting.push(path)
      // A file system that does not tell what an entry is says that it is nothing of all.
      else if (entry.isFile() || (isUntold(entry) && isFileAt(path))) yield path
    }
  }
}

function isUntold(entry: Dirent): boolean {
  return !(entry.isSymbolicLink() || entry.isDirectory() || entry.isFIFO() || entry.isSocket())
}

function isFileAt(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function entriesOf(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** One after the other: what is read is used at once, and there is one buffer for all. */
export function createFileScanner(options: FinderOptions): (path: string) => FileReport {
  const buffer = Buffer.allocUnsafe(CHUNK)
  return path => {
    let file: number
    try {
      file = openSync(path, 'r')
    } catch {
      return { path, found: [], bytes: 0, is: 'unreadable' }
    }
    const scan = createTextScan(options)
    try {
      for (;;) {
        const read = readSync(file, buffer, 0, CHUNK, null)
        if (read === 0) return { path, found: scan.found, bytes: scan.bytes, is: 'scanned' }
        if (scan.push(buffer.subarray(0, read)) === 'binary') {
          return { path, found: [], bytes: scan.bytes, is: 'binary' }
        }
      }
    } catch {
      return { path, found: scan.found, bytes: scan.bytes, is: 'unreadable' }
    } finally {
      closeSync(file)
    }
  }
}

export interface TextScan {
  readonly found: Found[]
  readonly bytes: number
  /** `binary`: the rest is not worth reading. */
  push(chunk: Buffer): 'text' | 'binary'
}

/** Takes the chunks of one file, whatever encoding its text has. */
export function createTextScan(options: FinderOptions): TextScan {
  const found: Found[] = []
  let bytes = 0
  let finder: Finder | undefined
  let decoder: TextDecoder | null = null

  return {
    found,
    get bytes() {
      return bytes
    },
    push(chunk) {
      if (finder === undefined) {
        decoder = decoderFor(chunk)
        // A patch has texts of many files in it: what the first of them is says nothing of the others.
        if (decoder === null && options.patch !== true && chunk.subarray(0, LOOKED_AT).includes(0)) {
          bytes += chunk.length
          return 'binary'
        }
        finder = createFinder(options)
      }
      bytes += chunk.length
      const text = decoder === null ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }), 'utf8')
      found.push(...finder.push(text))
      return 'text'
    },
  }
}

/** UTF-16, as some shells of Windows write it; `null`: bytes in which a token stands as it is. */
function decoderFor(chunk: Buffer): TextDecoder | null {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return new TextDecoder('utf-16le')
  if (chunk[0] === 0xfe && chunk[1] === 0xff) return new TextDecoder('utf-16be')
  return null
}
