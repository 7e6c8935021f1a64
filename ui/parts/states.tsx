/** What stands in a view's place while there is nothing to show in it. */
import type { ComponentChildren } from 'preact'
import type { Failure } from '../api/failure.js'
import { t } from '../text.js'
import { FailureNote } from './failure-note.js'
import { Icon, type IconName } from './icon.js'

/** While it is read. `rows` are lines that stand for what will be there. */
export function Loading({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="hidden">{t('page.loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} class="bone" aria-hidden="true" />
      ))}
    </div>
  )
}

interface EmptyProps {
  readonly title: string
  readonly hint?: ComponentChildren
  readonly icon?: IconName
  readonly children?: ComponentChildren
}

/** Where there is nothing, and what to do about it. */
export function Empty({ title, hint, icon = 'key', children }: EmptyProps) {
  return (
    <div class="empty" role="status">
      <Icon name={icon} />
      <p class="empty-title">{title}</p>
      {hint !== undefined && <p class="muted">{hint}</p>}
      {children !== undefined && <div class="empty-actions">{children}</div>}
    </div>
  )
}

interface LoadedProps<T> {
  readonly of: { readonly data: T | null; readonly failure: Failure | null; readonly reload: () => void }
  readonly rows?: number
  readonly children: (data: T) => ComponentChildren
}

/** What was read; or that it is being read, or why it was not. What is there stays while it is read anew. */
export function WhenLoaded<T>({ of: { data, failure, reload }, rows, children }: LoadedProps<T>) {
  return (
    <>
      {failure !== null && <FailureNote failure={failure} onRetry={reload} />}
      {data !== null ? children(data) : failure === null && <Loading {...(rows !== undefined && { rows })} />}
    </>
  )
}
