import type { Command } from 'commander'
import { given } from '../../given.js'
import type { AuditAction, AuditEvent } from '../../key/audit-event.js'
import { type CommonOptions, idArgument, type Run, runWithKeys, withKeys } from '../command.js'
import type { Io } from '../io.js'
import { type OwnerOptions, ownerFilter, type PageOptions, withOwner, withPage } from '../options.js'
import type { Column } from '../table.js'
import { minute, ownerText } from '../view.js'

interface EventOptions extends CommonOptions, OwnerOptions, PageOptions {
  readonly actor?: string
  readonly action?: AuditAction
  readonly refused?: boolean
  readonly from?: string
  readonly to?: string
}

export function addEvents(program: Command, io: Io): void {
  const command = program
    .command('events')
    .description('who did what to which key, newest first')
    .argument('[id]', 'of this key alone', idArgument)
  withOwner(command)
    .option('--actor <id>', 'by this actor')
    .option('--action <action>', 'this act alone, such as revoke')
    .option('--refused', 'refusals alone')
    .option('--from <time>', 'not before, ISO 8601')
    .option('--to <time>', 'before')
  withPage(command)
  withKeys(command).action((id: string | undefined, options: EventOptions) =>
    runWithKeys(io, options, run => events(run, id, options)),
  )
}

async function events({ manage, output }: Run, id: string | undefined, options: EventOptions): Promise<void> {
  const { actor, action, refused, from, to, limit, cursor } = options
  const page = await manage.audit({
    limit,
    ...ownerFilter(options),
    ...given({ keyId: id, actorId: actor, action, refused, from, to, cursor }),
  })
  if (output.json) return output.value(page)
  if (page.data.length === 0) output.note('No events.')
  else output.table(page.data, id === undefined ? COLUMNS : OF_ONE_KEY)
  if (page.nextCursor !== null) output.note(`There are more: --cursor ${page.nextCursor}`)
}

const COLUMNS: readonly Column<AuditEvent>[] = [
  { title: 'AT', value: event => minute(event.at) },
  {
    title: 'ACTION',
    value: event => (event.refused === null ? event.action : `${event.action}: ${event.refused}`),
    style: event => (event.refused === null ? undefined : 'red'),
    least: 8,
  },
  { title: 'KEY', value: event => event.keyId ?? '-' },
  { title: 'BY', value: event => event.actor.id ?? event.userAgent ?? event.actor.via, least: 8 },
  {
    title: 'OWNER',
    value: event => (event.owner === null ? '-' : ownerText(event.owner)),
    least: 8,
    drop: 3,
  },
  { title: 'CHANGED', value: event => Object.keys(event.changes).join(' '), least: 8, drop: 4 },
  { title: 'REASON', value: event => event.reason ?? '', least: 8, drop: 2 },
]

const OF_ONE_KEY = COLUMNS.map(column => (column.title === 'KEY' ? { ...column, drop: 1 } : column))
