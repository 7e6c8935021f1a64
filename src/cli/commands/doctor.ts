import type { Command } from 'commander'
import { type CommonOptions, type Run, runWithKeys, withKeys } from '../command.js'
import type { Check, Finding, Level } from '../doctor/finding.js'
import { checkKeys } from '../doctor/keys.js'
import { checkLeases, checkPending } from '../doctor/processes.js'
import { checkIndexes, checkServer, checkVersions } from '../doctor/server.js'
import { CliError, EXIT } from '../exit.js'
import type { Io } from '../io.js'
import type { Style } from '../table.js'
import { printable, wrapped } from '../text.js'

interface DoctorOptions extends CommonOptions {
  readonly strict?: boolean
}

const CHECKS: readonly Check[] = [
  checkVersions,
  checkServer,
  checkIndexes,
  checkPending,
  checkLeases,
  checkKeys,
]

const STYLES: Readonly<Record<Level, Style>> = { ok: 'green', note: 'dim', warning: 'yellow', problem: 'red' }

export function addDoctor(program: Command, io: Io): void {
  const command = program
    .command('doctor')
    .description('look at the database and the keys, and say what to do')
    .option('--strict', 'the exit code is 1 for warnings too')
  withKeys(command).action((options: DoctorOptions) => runWithKeys(io, options, run => doctor(run, options)))
}

async function doctor({ internals, by, interrupts, output }: Run, { strict }: DoctorOptions): Promise<void> {
  const { config } = internals
  const { node } = process.versions
  const patient = { config, by, interrupts, progress: output.progress, now: Date.now, node }
  const findings: Finding[] = []
  for (const check of CHECKS) {
    interrupts.check()
    const found = await check(patient)
    findings.push(...found)
    if (!output.json) for (const finding of found) tell(output, finding)
  }
  const bad = findings.filter(({ level }) => level === 'problem' || (strict === true && level === 'warning'))
  if (output.json) output.value({ healthy: bad.length === 0, findings })
  if (bad.length > 0) throw new CliError(EXIT.no, '')
}

function tell(output: Run['output'], { check, level, found, advice, keys }: Finding): void {
  const width = output.columns() ?? Number.POSITIVE_INFINITY
  const lines = (text: string, indent: string) =>
    wrapped(printable(text), width - indent.length).map(line => indent + line)
  const [first = '', ...rest] = lines(`${level.padEnd(8)} ${check}: ${found}`, '')
  output.lines([output.paint(STYLES[level], first.slice(0, 8)) + first.slice(8), ...rest])
  if (keys !== undefined && keys.length > 0) output.lines(lines(`such as ${keys.join(' ')}`, '  '))
  if (advice !== undefined) output.lines(lines(advice, '  '))
}
