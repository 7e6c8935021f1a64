/** Fields of forms: label, hint, and what is wrong with what was given, tied together for screen readers. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { t } from '../text.js'

interface FrameProps {
  readonly label: ComponentChildren
  readonly hint?: ComponentChildren
  readonly fault?: string | null | undefined
  readonly optional?: boolean | undefined
}

interface TextFieldProps extends FrameProps {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly rows?: number
  readonly type?: 'text' | 'search' | 'date' | 'datetime-local' | undefined
  readonly maxLength?: number
  readonly mono?: boolean
  readonly name?: string
  readonly min?: string
  readonly max?: string
  readonly placeholder?: string
}

/** A line of text, or with `rows` several. */
export function TextField({
  label,
  hint,
  fault,
  optional,
  rows,
  mono,
  value,
  onInput,
  type = 'text',
  ...rest
}: TextFieldProps) {
  const id = useId()
  const attributes = {
    ...rest,
    id,
    value,
    class: `input ${mono ? 'mono' : ''}`,
    autocomplete: 'off',
    dir: 'auto' as const,
    spellcheck: false,
    'aria-required': optional === false || undefined,
    ...described(id, hint, fault),
  }
  const onChange = (event: { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
    onInput(event.currentTarget.value)
  return (
    <Frame {...{ id, label, hint, fault, optional }}>
      {rows === undefined ? (
        // Of the types that differ in what else they take, nothing but the type is given.
        <input type={type as 'text'} {...attributes} onInput={onChange} />
      ) : (
        <textarea rows={rows} {...attributes} onInput={onChange} />
      )}
    </Frame>
  )
}

interface SelectProps extends FrameProps {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly options: readonly (readonly [value: string, label: string])[]
}

/** One of several. */
export function SelectField({ label, hint, fault, value, onInput, options }: SelectProps) {
  const id = useId()
  return (
    <Frame {...{ id, label, hint, fault }}>
      <select
        id={id}
        class="input"
        value={value}
        onChange={event => onInput(event.currentTarget.value)}
        {...described(id, hint, fault)}
      >
        {options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </Frame>
  )
}

interface GroupProps extends FrameProps {
  readonly children: ComponentChildren
}

/** Several controls under one legend. */
export function Group({ label, hint, fault, optional, children }: GroupProps) {
  const id = useId()
  return (
    <fieldset class="group" aria-describedby={described(id, hint, fault)['aria-describedby']}>
      <legend class="label">
        {label} {optional && <span class="muted">{t('field.optional')}</span>}
      </legend>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children}
      <Fault id={id} fault={fault} />
    </fieldset>
  )
}

interface ChoiceProps {
  readonly type: 'checkbox' | 'radio'
  readonly name?: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly children: ComponentChildren
  readonly hint?: ComponentChildren
  readonly indeterminate?: boolean
}

/** A checkbox or a radio button, with its label beside it. */
export function Choice({
  type,
  name,
  checked,
  onChange,
  children,
  hint,
  indeterminate = false,
}: ChoiceProps) {
  const id = useId()
  return (
    <div class="choice">
      <input
        id={id}
        type={type}
        name={name}
        checked={checked}
        indeterminate={indeterminate}
        onChange={event => onChange(event.currentTarget.checked)}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      />
      <div>
        <label for={id}>{children}</label>
        {hint !== undefined && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  )
}

function Frame({
  id,
  label,
  hint,
  fault,
  optional,
  children,
}: FrameProps & { readonly id: string; readonly children: ComponentChildren }) {
  return (
    <div class="field">
      <label class="label" for={id}>
        {label} {optional && <span class="muted">{t('field.optional')}</span>}
      </label>
      {children}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <Fault id={id} fault={fault} />
    </div>
  )
}

function Fault({ id, fault }: { readonly id: string; readonly fault: string | null | undefined }) {
  if (fault === null || fault === undefined) return null
  return (
    <p class="fault" id={`${id}-fault`} dir="auto">
      {fault}
    </p>
  )
}

function described(id: string, hint: ComponentChildren, fault: string | null | undefined) {
  const isWrong = fault !== null && fault !== undefined
  const ids = [hint !== undefined && `${id}-hint`, isWrong && `${id}-fault`].filter(Boolean).join(' ')
  return { 'aria-invalid': isWrong || undefined, 'aria-describedby': ids || undefined }
}
