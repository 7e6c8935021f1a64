import type { ApiKey } from '../../src/client/index.js'
import { rich, t } from '../text.js'
import { useViewer } from '../viewer.js'

interface WhoProps {
  readonly id: string | null
  /** Where it stands in its sentence. Default: at the beginning. */
  readonly place?: 'first' | 'inside'
}

/** An actor by their id: the viewer is "you", and who has none is the app. */
export function Who({ id, place = 'first' }: WhoProps) {
  const { actor } = useViewer()
  if (id === null) return <>{t('who.app')}</>
  return <bdi>{id === actor.id ? t(place === 'first' ? 'who.you' : 'who.youInside') : id}</bdi>
}

/** Whose a key is. */
export function OwnerName({ owner: { type, id } }: { readonly owner: ApiKey['owner'] }) {
  if (type === 'user') return <Who id={id} />
  if (type === 'organization') return rich('owner.organization', { id })
  return rich('owner.other', { id, type })
}
