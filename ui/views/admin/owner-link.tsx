import type { Owner } from '../../../src/client/index.js'
import { hashOf } from '../../router.js'
import { rich, t } from '../../text.js'
import { useViewer } from '../../viewer.js'

interface OwnerLinkProps {
  readonly owner: Owner
  readonly organizationId?: string | null
}

/** Whose a key is, leading to all keys of theirs, and the organisation in whose context it is used. */
export function OwnerLink({ owner: { type, id }, organizationId = null }: OwnerLinkProps) {
  const { actor } = useViewer()
  const isItself = type === 'organization' && id === organizationId
  return (
    <>
      <a class="owner" href={ownerHash({ type, id }, actor.admin ? null : organizationId)}>
        <bdi>{id}</bdi>
      </a>{' '}
      {type !== 'user' && (
        <span class="muted owner-type">{type === 'organization' ? t('scope.organization') : type}</span>
      )}{' '}
      {organizationId !== null && !isItself && (
        <span class="muted owner-type">{rich('scope.within', { organization: organizationId })}</span>
      )}
    </>
  )
}

/** The hash of all keys of an owner; with an organisation, for those who may ask within it alone. */
export function ownerHash({ type, id }: Owner, organizationId: string | null): string {
  return hashOf('all', {
    owner: id,
    ownerType: type === 'user' ? '' : type,
    organization: organizationId ?? '',
  })
}
