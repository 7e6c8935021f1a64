import type { Command } from 'commander'
import type { AuditAction, AuditEvent } from '../../key/audit-event.js'
import {
  type CommonOptions,
  given,
  idArgument,
  type Run,
  runWithKeys,
  wholeNumber,
  withKeys,
} from '../command.js'
import type { Io } from '../io.js'
import type { Column } from '../table.js'
import { minute, ownerText } from '../view.js'

interface EventOptions extends CommonOptions {
  readonly owner?: string
  readonly ownerType?: string
  readonly organization?: string
  readonly actor?: string
  readonly action?: AuditAction
  readonly refused?: boolean
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly cursor?: string
}

export function addEvents(program: Command, io: Io): void {
  const command = program
    .command('events')
    .description('who did what to which key, newest first')
    .argument('[id]', 'of this key alone', idArgument)
    .option('--owner <id>', "this owner's keys")
    .option('--owner-type <type>', 'goes with --owner (default: user)')
    .option('--organization <id>', 'keys in this organisation')
    .option('--actor <id>', 'by this actor')
    .option('--action <action>', 'this act alone, such as revoke')
    .option('--refused', 'refusals alone')
    .option('--from <time>', 'not before, ISO 8601')
    .option('--to <time>', 'before')
    .option('--limit <number>', 'how many, at most 100', wholeNumber, 20)
    .option('--cursor <cursor>', 'nextCursor of the page before')
  withKeys(command).action((id: string | undefined, options: EventOptions) =>
    runWithKeys(io, options, run => events(run, id, options)),
  )
}

async function events({ manage, output }: Run, id: string | undefined, options: EventOptions): Promise<void> {
  const { owner, ownerType, organization, actor, action, refused, from, to, limit, cursor } = options
  const page = await manage.audit({
    limit,
    ...given({
      keyId: id,
      owner: owner === undefined ? undefined : { id: owner, ...given({ type: ownerType }) },
      organizationId: organization,
      actorId: actor,
      action,
      refused,
      from,
      to,
      cursor,
    }),
  })
  if (output.json) return output.value(page)
  if (page.data.length === 0) output.note('No events.')
  else output.table(page.data, COLUMNS)
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
  { title: 'KEY', value: event => event.keyId ?? '-', drop: 1 },
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
