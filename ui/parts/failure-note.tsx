import type { Failure } from '../api/failure.js'
import { failureText } from '../api/failure-text.js'
import { t } from '../text.js'
import { Button } from './button.js'
import { Icon } from './icon.js'

interface FailureNoteProps {
  readonly failure: Failure | null
  readonly onRetry?: () => void
  /** Paths of fields that stand elsewhere with what is wrong in them; what is wrong in others is said here. */
  readonly shownFields?: readonly string[]
}

/** Says what failed, where it was tried. Screen readers are told at once. */
export function FailureNote({ failure, onRetry, shownFields = [] }: FailureNoteProps) {
  if (failure === null) return null
  const { title, hint } = failureText(failure)
  const others = failure.fields.filter(({ path }) => !shownFields.some(shown => isWithin(path, shown)))
  return (
    <div class="note note-danger" role="alert">
      <Icon name="alert" />
      <div>
        <p class="note-title">{title}</p>
        {hint !== null && <p>{hint}</p>}
        {others.length > 0 && (
          <ul>
            {others.map(({ path, message }) => (
              <li key={path + message} dir="auto">
                {path === '' ? message : `${path}: ${message}`}
              </li>
            ))}
          </ul>
        )}
        {onRetry !== undefined && <Button onClick={onRetry}>{t('action.retry')}</Button>}
      </div>
    </div>
  )
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`)
}
