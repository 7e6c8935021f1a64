/** The page of a key: what it is, what may be done to it, how it was used, and what was done. */
import { isOwn, offered } from '../../access.js'
import { client } from '../../api/client.js'
import { useLoad } from '../../api/use-load.js'
import { ButtonLink } from '../../parts/button.js'
import { FailureNote } from '../../parts/failure-note.js'
import { Empty, Loading } from '../../parts/states.js'
import { StatusBadge } from '../../parts/status-badge.js'
import { View } from '../../parts/view.js'
import { hashOf } from '../../router.js'
import { t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import { KeysBack } from '../keys-back.js'
import { UsageSection } from '../usage/usage-section.js'
import { KeyActions } from './key-actions.js'
import { KeyDetails } from './key-details.js'
import { KeyHistory } from './key-history.js'
import { StatusNote } from './status-note.js'

export function KeyView({ id }: { readonly id: string }) {
  const { actor } = useViewer()
  const loaded = useLoad(async signal => ({ apiKey: await client.get(id, { signal }) }), [id])
  const { data, failure, reload, put } = loaded

  if (data === null) {
    return (
      <View title={t('key.title')} back={<KeysBack />}>
        {failure === null ? <Loading /> : <FailureNote failure={failure} onRetry={reload} />}
      </View>
    )
  }
  const { apiKey } = data
  if (apiKey === null) {
    return (
      <View title={t('key.missing')} back={<KeysBack />}>
        <Empty title={t('key.missing')} hint={t('key.missingHint')}>
          <ButtonLink href={hashOf('keys')}>{t('page.toKeys')}</ButtonLink>
        </Empty>
      </View>
    )
  }
  const may = offered(actor, apiKey)
  const heading = (
    <>
      <bdi>{apiKey.name}</bdi> <StatusBadge status={apiKey.status} />
    </>
  )
  return (
    <View
      title={apiKey.name}
      heading={heading}
      lead={apiKey.description !== null && <bdi>{apiKey.description}</bdi>}
      back={<KeysBack />}
      actions={
        <KeyActions
          apiKey={apiKey}
          may={may}
          isOwn={isOwn(actor, apiKey)}
          onChange={changed => put({ apiKey: changed })}
        />
      }
    >
      {failure !== null && <FailureNote failure={failure} onRetry={reload} />}
      <StatusNote apiKey={apiKey} />
      <div class="key-sections">
        <section class="section" aria-labelledby="key-details">
          <h2 id="key-details">{t('key.details')}</h2>
          <KeyDetails apiKey={apiKey} />
        </section>
        {may.has('audit') && (
          <>
            <section class="section" aria-labelledby="key-usage">
              <h2 id="key-usage">{t('key.usage')}</h2>
              <UsageSection query={{ keyId: id }} />
            </section>
            <section class="section" aria-labelledby="key-history">
              <h2 id="key-history">{t('key.history')}</h2>
              <KeyHistory id={id} version={apiKey.version} />
            </section>
          </>
        )}
      </div>
    </View>
  )
}
