/** Makes a key. */
import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { attempts } from '../../attempt.js'
import { usualExpiry } from '../../expiry.js'
import { createInputOf, emptyDraft, FORM_PATHS, type KeyDraft, missingIn } from '../../key-form.js'
import { Button, ButtonLink } from '../../parts/button.js'
import { Actions } from '../../parts/dialog.js'
import { FailureNote } from '../../parts/failure-note.js'
import { View } from '../../parts/view.js'
import { hashOf, keyHash } from '../../router.js'
import { t } from '../../text.js'
import { go } from '../../use-route.js'
import { useViewer } from '../../viewer.js'
import { BoundFields, NameFields, RightFields } from '../form/key-fields.js'
import { useFaults } from '../form/use-faults.js'
import { useGrants } from '../form/use-grants.js'
import { KeysBack } from '../keys-back.js'
import { LostToken } from '../token/lost-token.js'
import { TokenDialog } from '../token/token-dialog.js'
import { KindField } from './kind-field.js'
import { OwnerFields } from './owner-fields.js'

/** What was typed outlives a look at another view, for who has typed it. In memory alone. */
let kept: { readonly actorId: string; readonly draft: KeyDraft } | null = null

export function CreateView() {
  const viewer = useViewer()
  const [draft, setDraft] = useState(() =>
    kept?.actorId === viewer.actor.id ? kept.draft : emptyDraft(viewer),
  )
  // Pressed again after an answer that was lost, the button makes no second key.
  const [tries] = useState(attempts)
  const [made, setMade] = useState<{ apiKey: ApiKey; token: string | null } | null>(null)
  const kind = viewer.kinds.find(({ name }) => name === draft.kind)
  const grants = useGrants({
    owner: draft.owner === '' ? null : { type: 'organization', id: draft.owner },
    organizationId: draft.owner || draft.organizationId,
  })

  const create = useAct(
    () => {
      const input = createInputOf(draft)
      return client.create(input, { idempotencyKey: tries.keyFor(input) })
    },
    answer => {
      tries.done()
      kept = null
      setMade(answer)
    },
  )
  const { form, fields, check } = useFaults(create.failure)
  const change = (part: Partial<KeyDraft>) => {
    const changed = { ...draft, ...part }
    kept = { actorId: viewer.actor.id, draft: changed }
    setDraft(changed)
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (check(missingIn(draft, kind, Date.now()))) create.run()
  }
  const props = { draft, change, faults: fields, kind, grants, use: 'create' as const }

  if (viewer.grants === null) {
    return (
      <View title={t('create.title')} back={<KeysBack />}>
        <p class="note note-warning">{t('keys.switchedOff')}</p>
      </View>
    )
  }
  return (
    <View title={t('create.title')} back={<KeysBack />}>
      <form class="form" ref={form} onSubmit={submit} noValidate>
        <div class="section">
          <NameFields {...props} />
        </div>
        {viewer.kinds.length > 1 && (
          <KindField
            value={draft.kind}
            onChange={kind =>
              change({ kind: kind.name, expiry: usualExpiry(kind), permissions: [], roles: [] })
            }
          />
        )}
        <OwnerFields {...props} />
        <RightFields {...props} />
        <BoundFields {...props} />
        <FailureNote failure={create.failure} shownFields={FORM_PATHS} />
        <Actions>
          <ButtonLink
            href={hashOf('keys')}
            onClick={() => {
              kept = null
            }}
          >
            {t('action.cancel')}
          </ButtonLink>
          <Button type="submit" look="primary" working={create.working}>
            {t('create.submit')}
          </Button>
        </Actions>
      </form>
      {made !== null && made.token !== null && (
        <TokenDialog
          title={t('token.titleCreated')}
          token={made.token}
          apiKey={made.apiKey}
          onClose={() => go(keyHash(made.apiKey.id), 'replace')}
        />
      )}
      {made !== null && made.token === null && (
        <LostToken
          apiKey={made.apiKey}
          onToken={token => setMade({ apiKey: made.apiKey, token })}
          onClose={() => go(keyHash(made.apiKey.id), 'replace')}
        />
      )}
    </View>
  )
}
