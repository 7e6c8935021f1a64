import type { Command } from 'commander'
import { given } from '../../given.js'
import type { ApiKey, KeyStatus } from '../../key/record.js'
import type { ListQuery } from '../../manage/input.js'
import { type CommonOptions, many, type Run, runWithKeys, withKeys } from '../command.js'
import type { Io } from '../io.js'
import { type OwnerOptions, ownerFilter, type PageOptions, withOwner, withPage } from '../options.js'
import { jsonText } from '../text.js'
import { KEY_COLUMNS } from '../view.js'

export interface FilterOptions extends OwnerOptions {
  readonly parent?: string
  readonly kind?: string
  readonly tag?: string
}

interface ListOptions extends CommonOptions, FilterOptions, PageOptions {
  readonly status?: readonly KeyStatus[]
  readonly q?: string
  readonly expiresWithin?: string
  readonly unusedSince?: string
  readonly all?: boolean
}

export function withFilters(command: Command): Command {
  return withOwner(command)
    .option('--parent <id>', 'keys that this key has made')
    .option('--kind <kind>', 'keys of this kind')
    .option('--tag <tag>', 'keys with this tag')
}

export function filterOf({ parent, kind, tag, ...owner }: FilterOptions) {
  return { ...ownerFilter(owner), ...given({ parentId: parent, kind, tag }) }
}

export function addList(program: Command, io: Io): void {
  const command = program.command('list').description('list keys, newest first')
  withFilters(command)
    .option(
      '--status <status>',
      'active, disabled, revoked, expired, scheduled or deleted; several times',
      many,
    )
    .option('--q <text>', 'a part of the name')
    .option('--expires-within <duration>', 'ends within this time, such as 7d')
    .option('--unused-since <time>', 'not used since, ISO 8601')
    .option('--all', 'all pages')
  withPage(command)
  withKeys(command).action((options: ListOptions) => runWithKeys(io, options, run => list(run, options)))
}

async function list(run: Run, options: ListOptions): Promise<void> {
  const { status, q, expiresWithin, unusedSince, limit, cursor, all } = options
  const filter = { ...filterOf(options), ...given({ status, q, expiresWithin, unusedSince }) }
  if (all === true) return listAll(run, filter)
  const { output, manage } = run
  const { data, nextCursor } = await manage.list({ ...filter, limit, ...given({ cursor }) })
  if (output.json) return output.value({ data, nextCursor })
  if (data.length === 0) output.note('No keys.')
  else output.table(data, KEY_COLUMNS)
  if (nextCursor !== null) output.note(`There are more: --cursor ${nextCursor}, or --all.`)
}

/** As JSON page by page, so that it does not matter how many there are. */
async function listAll(run: Run, filter: ListQuery): Promise<void> {
  const { output } = run
  if (!output.json) {
    const keys: ApiKey[] = []
    for await (const page of pagesOf(run, filter)) keys.push(...page)
    if (keys.length === 0) return output.note('No keys.')
    return output.table(keys, KEY_COLUMNS)
  }
  await output.raw('{"data":[')
  let mark = ''
  for await (const page of pagesOf(run, filter)) {
    for (const key of page) {
      await output.raw(mark + jsonText(key))
      mark = ','
    }
  }
  await output.raw('],"nextCursor":null}\n')
}

/** All pages of a list. Stops between two of them on Ctrl-C. */
export async function* pagesOf(
  { manage, interrupts, output }: Pick<Run, 'manage' | 'interrupts' | 'output'>,
  filter: ListQuery,
): AsyncGenerator<readonly ApiKey[]> {
  const progress = output.progress('keys')
  let done = 0
  try {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      interrupts.check()
      const page = await manage.list({ ...filter, limit: 100, ...given({ cursor }) })
      done += page.data.length
      progress.at(done, null)
      yield page.data
      cursor = page.nextCursor
    }
  } finally {
    progress.end()
  }
}
