/** Choosing keys out of a list, and what is done with them. */
import { useMemo, useState } from 'preact/hooks'
import type { ApiKey } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { Button } from '../../parts/button.js'
import { Choice } from '../../parts/field.js'
import { Icon } from '../../parts/icon.js'
import { tellHere } from '../../parts/notice.js'
import { t } from '../../text.js'
import { type RevokeResult, revokeChosen } from './revoke-chosen.js'
import { RevokeManyDialog } from './revoke-many-dialog.js'

export interface Selection {
  /** Those that can be chosen, and those that are. */
  readonly all: readonly ApiKey[]
  readonly chosen: readonly ApiKey[]
  readonly canChoose: (id: string) => boolean
  readonly isChosen: (id: string) => boolean
  readonly set: (id: string, isChosen: boolean) => void
  readonly setAll: (isChosen: boolean) => void
}

/** What is chosen of these keys. One that is there no longer is chosen no longer. */
export function useSelection(all: readonly ApiKey[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const chosen = useMemo(() => all.filter(({ id }) => ids.has(id)), [all, ids])
  const known = useMemo(() => new Set(all.map(({ id }) => id)), [all])
  return {
    all,
    chosen,
    canChoose: id => known.has(id),
    isChosen: id => ids.has(id),
    set: (id, isChosen) =>
      setIds(now => new Set(isChosen ? [...now, id] : [...now].filter(other => other !== id))),
    setAll: isChosen => setIds(new Set(isChosen ? all.map(({ id }) => id) : [])),
  }
}

/** The box of one key. Where a key cannot be revoked there is none. */
export function SelectBox({
  apiKey: { id, name },
  selection,
}: {
  readonly apiKey: ApiKey
  readonly selection: Selection
}) {
  if (!selection.canChoose(id)) return null
  return (
    <label class="select-box">
      <input
        type="checkbox"
        checked={selection.isChosen(id)}
        onChange={event => selection.set(id, event.currentTarget.checked)}
      />
      <span class="hidden">{t('select.one', { name })}</span>
    </label>
  )
}

/** The box of all that are shown. */
export function SelectAll({ selection: { all, chosen, setAll } }: { readonly selection: Selection }) {
  return (
    <div class="select-all">
      <Choice
        type="checkbox"
        checked={chosen.length === all.length}
        indeterminate={chosen.length > 0 && chosen.length < all.length}
        onChange={setAll}
      >
        {t('select.all', { count: all.length })}
      </Choice>
    </div>
  )
}

interface SelectionBarProps {
  readonly selection: Selection
  /** `null`: it was stopped, and some keys may have been ended. */
  readonly onDone: (result: RevokeResult | null) => void
}

/** How many are chosen, and what can be done with them. */
export function SelectionBar({ selection, onDone }: SelectionBarProps) {
  const [keys, setKeys] = useState<readonly ApiKey[] | null>(null)
  const { chosen, setAll } = selection
  const count = chosen.length
  const end = (result: RevokeResult | null) => {
    setKeys(null)
    setAll(false)
    tellHere(result === null ? t('revokeMany.stopped') : t('revokeMany.done', { count: result.revoked }))
    onDone(result)
  }
  return (
    <>
      <div class={count > 0 ? 'selection-bar' : undefined}>
        <p role="status">{count > 0 && t('select.count', { count })}</p>
        {count > 0 && (
          <div class="selection-actions">
            <Button look="quiet" label={t('select.noneNamed')} onClick={() => setAll(false)}>
              {t('select.none')}
            </Button>
            <Button look="danger" onClick={() => setKeys(chosen)}>
              {t('revokeMany.open')}
            </Button>
          </div>
        )}
      </div>
      {keys !== null && (
        <RevokeManyDialog
          title={t('revokeMany.title', { count: keys.length })}
          action={t('revokeMany.action', { count: keys.length })}
          typed={String(keys.length)}
          count={keys.length}
          run={work => revokeChosen(client, keys, work)}
          onClose={() => setKeys(null)}
          onStop={() => end(null)}
          onDone={end}
        >
          <p>{t('revokeMany.means')}</p>
          <Names keys={keys} />
        </RevokeManyDialog>
      )}
    </>
  )
}

/** So many names are told; the number says the rest. */
const NAMED = 5

function Names({ keys }: { readonly keys: readonly ApiKey[] }) {
  const hidden = keys.length - NAMED
  return (
    <ul class="name-list">
      {keys.slice(0, NAMED).map(({ id, name, owner }) => (
        <li key={id}>
          <bdi>{name}</bdi>{' '}
          <span class="muted">
            (<bdi>{owner.id}</bdi>)
          </span>
        </li>
      ))}
      {hidden > 0 && <li class="muted">{t('value.more', { count: hidden })}</li>}
    </ul>
  )
}

/** Keys that could not be revoked. */
export function LeftNote({ keys }: { readonly keys: readonly ApiKey[] }) {
  if (keys.length === 0) return null
  return (
    <div class="note note-warning" role="alert">
      <Icon name="alert" />
      <div>
        <p class="note-title">{t('revokeMany.left', { count: keys.length })}</p>
        <p>{t('revokeMany.leftHint')}</p>
        <Names keys={keys} />
      </div>
    </div>
  )
}
