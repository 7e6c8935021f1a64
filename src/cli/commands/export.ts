import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { given } from '../../given.js'
import { exportKeys } from '../../import/index.js'
import type { KeyStatus } from '../../key/record.js'
import { type CommonOptions, many, type Run, runWithKeys, withKeys } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import type { Io } from '../io.js'
import { ownerFilter } from '../options.js'
import { escapedJson } from '../text.js'
import { type FilterOptions, withFilters } from './list.js'

interface ExportOptions extends CommonOptions, FilterOptions {
  readonly status?: readonly KeyStatus[]
  readonly hashes?: boolean
  readonly out?: string
}

export function addExport(program: Command, io: Io): void {
  const command = program
    .command('export')
    .description('write keys as JSON Lines, a key a line, newest first')
  withFilters(command)
    .option('--status <status>', 'default: all but deleted; several times', many)
    .option('--hashes', 'with the hashes of tokens, by which another system can check them')
    .option('--out <file>', 'into this new file, which only you can read (default: standard output)')
  withKeys(command).action((options: ExportOptions) =>
    runWithKeys(io, options, run => exportAll(run, options)),
  )
}

async function exportAll({ keys, output, interrupts }: Run, options: ExportOptions): Promise<void> {
  const { parent, kind, tag, status, hashes, out } = options
  if (parent !== undefined) throw new CliError(EXIT.usage, '--parent does not go with export')
  if (hashes === true && out === undefined && output.columns() !== null) {
    throw new CliError(EXIT.usage, 'hashes are not for a screen: give --out FILE')
  }
  const lines = exportKeys(keys, {
    ...ownerFilter(options),
    ...given({ hashes, kind, tag, status }),
    signal: interrupts.signal,
  })
  const sink = await sinkFor(out, output)
  const progress = output.progress('keys')
  let written = 0
  try {
    for await (const line of lines) {
      await sink.write(escapedJson(line))
      progress.at(++written, null)
    }
  } finally {
    progress.end()
    await sink.close()
  }
  // What is written is whole lines, but not all of them.
  interrupts.check()
  if (out !== undefined) output.note(`${written} keys in ${out}.`)
}

async function sinkFor(path: string | undefined, { raw }: Run['output']) {
  if (path === undefined) return { write: raw, close: async () => {} }
  const file = await open(path, 'wx', 0o600).catch(() => {
    throw new CliError(EXIT.usage, `${path}: is there already, or cannot be written`)
  })
  const stream = file.createWriteStream()
  // The write that failed tells it; without this, it would end the process first.
  stream.on('error', () => {})
  return {
    write: (text: string) =>
      new Promise<void>((done, failed) => stream.write(text, error => (error ? failed(error) : done()))),
    close: () => new Promise<void>(done => stream.end(() => done())),
  }
}
