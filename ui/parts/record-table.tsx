/** Records as a table, and on narrow screens as a list of cards: with the same names for what is told. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../text.js'
import { Button } from './button.js'
import { useMedia } from './use-external.js'

export interface Column<T> {
  readonly label: string
  readonly cell: (row: T) => ComponentChildren
  /** `name`: what the row is known by, once; `aside`: without a label on cards (a badge, buttons). Default: `fact`. */
  readonly part?: 'name' | 'fact' | 'aside'
  readonly class?: string
}

interface RecordTableProps<T> {
  readonly caption: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly idOf: (row: T) => string
  readonly busy?: boolean
}

/** The width below which records are cards. */
export const NARROW = '(max-width: 44rem)'

export function RecordTable<T>({ caption, columns, rows, idOf, busy = false }: RecordTableProps<T>) {
  const narrow = useMedia(NARROW)
  if (narrow) {
    return (
      <ul class="cards" aria-label={caption} aria-busy={busy}>
        {rows.map(row => (
          <li key={idOf(row)} class="card">
            <Card columns={columns} row={row} />
          </li>
        ))}
      </ul>
    )
  }
  return (
    <div class="table-frame">
      <table class="table" aria-busy={busy}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, class: name }) => (
              <th key={label} scope="col" class={name}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={idOf(row)}>
              {columns.map(({ label, cell, part, class: name }) =>
                part === 'name' ? (
                  <th key={label} scope="row" class={name}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={label} class={name}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Card<T>({ columns, row }: { readonly columns: readonly Column<T>[]; readonly row: T }) {
  return (
    <>
      <div class="card-head">
        {columns
          .filter(({ part }) => part === 'name' || part === 'aside')
          .map(({ label, cell }) => (
            <div key={label}>{cell(row)}</div>
          ))}
      </div>
      <dl class="card-facts">
        {columns
          .filter(({ part = 'fact' }) => part === 'fact')
          .map(({ label, cell }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{cell(row)}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

interface MoreProps {
  readonly shown: number
  readonly hasMore: boolean
  readonly loading: boolean
  readonly more: () => void
}

/** Asks for the next page. Once there is none, the focus goes to what tells how many are shown: it would be lost else. */
export function More({ shown, hasMore, loading, more }: MoreProps) {
  const count = useRef<HTMLParagraphElement>(null)
  const asked = useRef(false)
  useEffect(() => {
    if (asked.current && !hasMore && !loading) count.current?.focus()
    if (!loading) asked.current = false
  }, [hasMore, loading])
  return (
    <div class="more">
      <p class="muted" role="status" tabIndex={-1} ref={count}>
        {t('list.shownMore', { count: shown })}
      </p>
      {hasMore && (
        <Button
          working={loading}
          onClick={() => {
            asked.current = true
            more()
          }}
        >
          {t('action.more')}
        </Button>
      )}
    </div>
  )
}
