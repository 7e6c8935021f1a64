/**
 * Shows a token, once. It is nowhere but in this component's properties: they go with it when the dialog is closed. The page
 * neither keeps it nor puts it into an address.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiKey } from '../../../src/client/index.js'
import { apiBase } from '../../page.js'
import { Button } from '../../parts/button.js'
import { Copy } from '../../parts/copy.js'
import { Actions, Dialog } from '../../parts/dialog.js'
import { Icon } from '../../parts/icon.js'
import { t } from '../../text.js'
import { curlFor, envLineFor } from '../../token-forms.js'

interface TokenDialogProps {
  readonly title: string
  readonly token: string
  readonly apiKey: Pick<ApiKey, 'prefix' | 'name'>
  readonly children?: ComponentChildren
  readonly onClose: () => void
}

export function TokenDialog({ title, token, apiKey: { prefix, name }, children, onClose }: TokenDialogProps) {
  const [copied, setCopied] = useState(false)
  const [warned, setWarned] = useState(false)
  const warning = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (warned) warning.current?.scrollIntoView({ block: 'nearest' })
  }, [warned])
  // Nor is the page reloaded or closed by a slip: the browser asks first.
  useEffect(() => (copied ? undefined : beforeLeaving()), [copied])
  const copyNoted = () => {
    setCopied(true)
    setWarned(false)
  }
  // Escape is a slip of the hand, and what is lost here is lost.
  const leave = () => (copied ? onClose() : setWarned(true))
  return (
    <Dialog title={title} onClose={leave} wide>
      <p>
        <bdi class="key-name">{name}</bdi>
      </p>
      <div class="note note-warning">
        <Icon name="alert" />
        <div>
          <p class="note-title">{t('token.once')}</p>
          <p>{t('token.keep')}</p>
        </div>
      </div>
      {children}
      <Form label={t('token.token')} text={token} onCopied={copyNoted} first />
      <Form label={t('token.curl')} text={curlFor(token, apiBase)} onCopied={copyNoted} />
      <Form label={t('token.env')} text={envLineFor(token, prefix)} onCopied={copyNoted} />
      <div role="alert" ref={warning}>
        {warned && (
          <div class="note note-danger">
            <Icon name="alert" />
            <div>
              <p>{t('token.notCopied')}</p>
              <Button look="danger" onClick={onClose}>
                {t('token.closeAnyway')}
              </Button>
            </div>
          </div>
        )}
      </div>
      <Actions>
        <Button look={copied ? 'primary' : 'plain'} onClick={onClose}>
          {t(copied ? 'action.close' : 'token.done')}
        </Button>
      </Actions>
    </Dialog>
  )
}

/** Lets the browser ask before the page goes, until what is answered is called. */
function beforeLeaving(): () => void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault()
  addEventListener('beforeunload', ask)
  return () => removeEventListener('beforeunload', ask)
}

interface FormProps {
  readonly label: string
  readonly text: string
  readonly onCopied: () => void
  readonly first?: boolean
}

function Form({ label, text, onCopied, first = false }: FormProps) {
  const shown = useRef<HTMLElement>(null)
  return (
    <div class="token-form">
      <div class="token-head">
        <span class="label">{label}</span>
        <Copy
          text={text}
          what={label}
          onCopied={onCopied}
          look={first ? 'primary' : 'plain'}
          first={first}
          shown={shown}
        />
      </div>
      <code class="token" dir="ltr" ref={shown}>
        {text}
      </code>
    </div>
  )
}
