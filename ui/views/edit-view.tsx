/** Changes a key. */
import { useState } from 'preact/hooks'
import type { ApiKey } from '../../src/client/index.js'
import { isOwn } from '../access.js'
import { client } from '../api/client.js'
import { useAct } from '../api/use-act.js'
import { useLoad } from '../api/use-load.js'
import { draftOf, FORM_PATHS, type KeyDraft, missingIn, updateInputOf } from '../key-form.js'
import { Button, ButtonLink } from '../parts/button.js'
import { Actions } from '../parts/dialog.js'
import { FailureNote } from '../parts/failure-note.js'
import { tell } from '../parts/notice.js'
import { Empty, WhenLoaded } from '../parts/states.js'
import { View } from '../parts/view.js'
import { keyHash } from '../router.js'
import { rich, t } from '../text.js'
import { go } from '../use-route.js'
import { useViewer } from '../viewer.js'
import { BoundFields, NameFields, RightFields } from './form/key-fields.js'
import { useFaults } from './form/use-faults.js'
import { useGrants } from './form/use-grants.js'
import { Back } from './keys-back.js'

export function EditView({ id }: { readonly id: string }) {
  const loaded = useLoad(async signal => ({ apiKey: await client.get(id, { signal }) }), [id])
  const apiKey = loaded.data?.apiKey
  const name = apiKey?.name ?? ''
  return (
    <View
      title={apiKey ? t('edit.title', { name }) : t('key.edit')}
      heading={apiKey ? rich('edit.title', { name }) : t('key.edit')}
      back={<Back href={keyHash(id)}>{apiKey ? <bdi>{name}</bdi> : t('key.title')}</Back>}
    >
      <WhenLoaded of={loaded}>
        {({ apiKey }) =>
          apiKey === null ? (
            <Empty title={t('key.missing')} hint={t('key.missingHint')} />
          ) : (
            // With another version the form begins anew.
            <EditForm key={apiKey.version} apiKey={apiKey} onReload={loaded.reload} />
          )
        }
      </WhenLoaded>
    </View>
  )
}

interface EditFormProps {
  readonly apiKey: ApiKey
  readonly onReload: () => void
}

function EditForm({ apiKey, onReload }: EditFormProps) {
  const { kinds, actor } = useViewer()
  const [draft, setDraft] = useState(() => draftOf(apiKey))
  const kind = kinds.find(({ name }) => name === apiKey.kind)
  const grants = useGrants({
    owner: isOwn(actor, apiKey) ? null : apiKey.owner,
    organizationId: apiKey.organizationId ?? '',
  })
  const input = updateInputOf(apiKey, draft)
  const save = useAct(
    // Bound to what was read: nobody undoes here what they have not seen.
    () => client.update(apiKey.id, input, { ifVersion: apiKey.version }),
    () => {
      tell(t('edit.saved'))
      go(keyHash(apiKey.id), 'replace')
    },
  )
  const { form, fields, check } = useFaults(save.failure)
  const submit = (event: Event) => {
    event.preventDefault()
    if (!check(missingIn(draft, kind, Date.now()))) return
    if (Object.keys(input).length > 0) return save.run()
    tell(t('edit.nothing'))
    go(keyHash(apiKey.id), 'replace')
  }
  const props = {
    draft,
    change: (part: Partial<KeyDraft>) => setDraft({ ...draft, ...part }),
    faults: fields,
    kind,
    grants,
    use: 'update' as const,
    endsAt: apiKey.expiresAt,
  }
  return (
    <form class="form" ref={form} onSubmit={submit} noValidate>
      <div class="section">
        <NameFields {...props} />
      </div>
      <RightFields {...props} />
      <BoundFields {...props} />
      <FailureNote failure={save.failure} shownFields={FORM_PATHS} />
      <Actions>
        {save.failure?.code === 'VERSION_MISMATCH' && <Button onClick={onReload}>{t('edit.reload')}</Button>}
        <ButtonLink href={keyHash(apiKey.id)}>{t('action.cancel')}</ButtonLink>
        <Button type="submit" look="primary" working={save.working}>
          {t('action.save')}
        </Button>
      </Actions>
    </form>
  )
}
