import { useState } from 'preact/hooks'
import { rich, t } from '../text.js'
import { TextField } from './field.js'

/** A field in which something must be typed before an act: none where there is nothing to type. */
export function useTyped(typed: string | undefined) {
  const [text, setText] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const field =
    typed === undefined ? null : (
      <TextField
        label={rich('confirm.type', { text: <strong class="typed">{typed}</strong> })}
        value={text}
        onInput={value => {
          setText(value)
          setFault(null)
        }}
        fault={fault}
      />
    )
  /** Says so in the field where it is not. */
  const isRight = (): boolean => {
    if (typed === undefined || isSame(text, typed)) return true
    setFault(t('confirm.mismatch'))
    return false
  }
  return { field, fault, isRight }
}

/** Spaces and the ways to write an accent are not what a typing hand is asked about. */
function isSame(a: string, b: string): boolean {
  const plain = (text: string) => text.normalize('NFC').trim().replace(/\s+/g, ' ')
  return plain(a) === plain(b)
}
