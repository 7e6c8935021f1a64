import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../text.js'
import { Icon } from './icon.js'

interface CopyProps {
  readonly text: string
  /** What is copied, for the button's name. */
  readonly what: string
  readonly onCopied?: () => void
  readonly look?: 'plain' | 'primary' | 'quiet'
  /** Whether the dialog's focus begins here. */
  readonly first?: boolean
  /** Where the text stands: it is selected where the browser does not copy. */
  readonly shown?: RefObject<HTMLElement | null>
}

/** Copies a text. Says that it did, by its own name, and where the browser did not. */
export function Copy({ text, what, onCopied, look = 'plain', first = false, shown }: CopyProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state !== 'copied') return
    const timer = window.setTimeout(() => setState('idle'), 4_000)
    return () => window.clearTimeout(timer)
  }, [state])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
      onCopied?.()
    } catch {
      // No leave, or no secure context.
      setState('failed')
      if (shown?.current) getSelection()?.selectAllChildren(shown.current)
    }
  }
  return (
    <>
      <button
        type="button"
        class={`button button-${look} copy`}
        onClick={copy}
        aria-label={state === 'copied' ? undefined : t('action.copyNamed', { what })}
        data-first={first || undefined}
      >
        <Icon name={state === 'copied' ? 'check' : 'copy'} />
        {t(state === 'copied' ? 'action.copied' : 'action.copy')}
      </button>
      <span role="status" class={state === 'failed' ? 'fault' : 'hidden'}>
        {state === 'failed' ? t('copy.failed') : state === 'copied' ? t('action.copied') : ''}
      </span>
    </>
  )
}
