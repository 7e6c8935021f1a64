/** What is said to whoever is not logged in, or must log in anew: over a view, so that what was typed stays; or in its place. */
import { leaveGate, useGate } from './api/gate.js'
import { loginAddress } from './login.js'
import { Button, ButtonLink } from './parts/button.js'
import { Actions, Dialog } from './parts/dialog.js'
import { Empty } from './parts/states.js'
import { View } from './parts/view.js'
import { t } from './text.js'

/** In place of the page: it was opened without a login. */
export function GateView({ onRetry }: { readonly onRetry: () => void }) {
  const address = loginAddress('session')
  return (
    <View title={t('session.title')}>
      <Empty
        title={t('session.ended')}
        hint={address === null ? t('session.endedHint') : undefined}
        icon="key"
      >
        {address !== null && (
          <ButtonLink look="primary" href={address}>
            {t('session.login')}
          </ButtonLink>
        )}
        <Button
          onClick={() => {
            leaveGate()
            onRetry()
          }}
        >
          {t('action.retry')}
        </Button>
      </Empty>
    </View>
  )
}

/** Over the page: something was refused for want of a login. */
export function GateDialog() {
  const gate = useGate()
  if (gate === null) return null
  const { kind, retry } = gate
  const address = loginAddress(kind)
  return (
    <Dialog title={t(`${kind}.title`)} onClose={leaveGate} wide={address !== null}>
      <p>{t(kind === 'session' ? 'session.ended' : 'reauthenticate.why')}</p>
      <p class="muted">
        {t(
          address !== null
            ? `${kind}.keep`
            : kind === 'session'
              ? 'session.endedHint'
              : 'reauthenticate.hint',
        )}
      </p>
      <Actions>
        <Button onClick={leaveGate}>{t('action.cancel')}</Button>
        {retry !== null && (
          <Button
            onClick={() => {
              leaveGate()
              retry()
            }}
          >
            {t('action.retry')}
          </Button>
        )}
        {address !== null && (
          <>
            <ButtonLink href={address} target="_blank" rel="noopener">
              {t(`${kind}.loginInNewTab`)}
            </ButtonLink>
            <ButtonLink look="primary" href={address} data-first>
              {t(`${kind}.login`)}
            </ButtonLink>
          </>
        )}
      </Actions>
    </Dialog>
  )
}
