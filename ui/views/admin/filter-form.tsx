/** The filters of a view: written by the viewer, and kept in the address, so that reload and back lead to the same. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Button, ButtonLink } from '../../parts/button.js'
import { Disclosure } from '../../parts/disclosure.js'
import { Icon } from '../../parts/icon.js'
import { NARROW } from '../../parts/record-table.js'
import { useMedia } from '../../parts/use-external.js'
import { hashOf, type PlainView, type Query } from '../../router.js'
import { t } from '../../text.js'
import { go } from '../../use-route.js'
import { useViewer } from '../../viewer.js'
import { holdsToken } from './filters.js'

export interface Draft {
  /** What is asked, as far as it is written. */
  readonly query: Query
  /** Writes; it is asked once the form is sent. */
  readonly write: (name: string, value: string) => void
  /** Writes and asks: for what is chosen at once. */
  readonly choose: (values: Query) => void
}

interface FilterFormProps {
  readonly view: PlainView
  readonly query: Query
  /** What the button says; without it there is none: what is chosen is asked at once. */
  readonly action?: string
  readonly children: (draft: Draft) => ComponentChildren
  /** Filters that are needed less often. */
  readonly more?: (draft: Draft) => ComponentChildren
  /** The names of these in the query: where one is given, they are shown. */
  readonly moreNames?: readonly string[]
}

export function FilterForm({ view, query, action, children, more, moreNames = [] }: FilterFormProps) {
  const { actor, kinds } = useViewer()
  const prefixes = kinds.map(({ prefix }) => prefix)
  const [draft, setDraft] = useState(query)
  const [isRefused, setRefused] = useState(false)
  const asked = hashOf(view, query)
  useEffect(() => {
    setDraft(query)
    setRefused(false)
  }, [asked])

  const ask = (next: Query) => {
    const trimmed = Object.fromEntries(Object.entries(next).map(([name, value]) => [name, value.trim()]))
    const isRefused = Object.values(trimmed).some(value => holdsToken(value, prefixes))
    setRefused(isRefused)
    if (!isRefused) go(hashOf(view, trimmed))
  }
  const handed: Draft = {
    query: draft,
    write: (name, value) => setDraft(now => ({ ...now, [name]: value })),
    choose: values => {
      const next = { ...draft, ...values }
      setDraft(next)
      ask(next)
    },
  }
  // Who is no admin chooses an organisation above.
  const moreAsked = moreNames.filter(
    name => query[name] !== undefined && (actor.admin || name !== 'organization'),
  ).length
  // Where there is little room, what was asked for comes first, and its number tells of the filters.
  const narrow = useMedia(NARROW)
  const isFiltered = asked !== hashOf(view)

  return (
    <search>
      <form
        class="filter-form"
        onSubmit={event => {
          event.preventDefault()
          ask(draft)
        }}
      >
        <div class="filter-fields">
          {children(handed)}
          {(action !== undefined || isFiltered) && (
            <div class="filter-actions">
              {action !== undefined && <Button type="submit">{action}</Button>}
              {isFiltered && (
                <ButtonLink look="quiet" href={hashOf(view)}>
                  {t('keys.clear')}
                </ButtonLink>
              )}
            </div>
          )}
        </div>
        {more !== undefined && (
          <Disclosure
            summary={moreAsked === 0 ? t('filter.more') : t('filter.moreCount', { count: moreAsked })}
            needed={moreAsked > 0 && !narrow}
          >
            <div class="filter-fields">{more(handed)}</div>
            <div>
              <Button type="submit">{t('filter.apply')}</Button>
            </div>
          </Disclosure>
        )}
        {isRefused && (
          <div class="note note-warning" role="alert">
            <Icon name="alert" />
            <div>
              <p>{t('filter.token')}</p>
              <ButtonLink href={hashOf('find')}>{t('find.title')}</ButtonLink>
            </div>
          </div>
        )}
      </form>
    </search>
  )
}
