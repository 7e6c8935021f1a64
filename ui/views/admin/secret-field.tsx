/**
 * A field for what must not be kept: its value is in no attribute and no state, only in the element itself until whoever has
 * the reference empties it. The browser is asked not to remember, correct or fill it.
 */
import type { RefObject } from 'preact'
import { useId } from 'preact/hooks'

interface SecretFieldProps {
  readonly inputRef: RefObject<HTMLInputElement | null>
  readonly label: string
  readonly hint: string
  readonly fault: string | null
}

export function SecretField({ inputRef, label, hint, fault }: SecretFieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <input
        ref={inputRef}
        id={id}
        class="input mono"
        type="text"
        dir="ltr"
        autocomplete="off"
        autocapitalize="off"
        autocorrect="off"
        spellcheck={false}
        maxLength={500}
        aria-invalid={fault !== null || undefined}
        aria-describedby={`${id}-hint ${fault === null ? '' : `${id}-fault`}`.trim()}
      />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
      {fault !== null && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  )
}
