import { creatableFor } from '../../access.js'
import { faultOf } from '../../api/failure.js'
import { SelectField } from '../../parts/field.js'
import { t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import type { FieldsProps } from '../form/key-fields.js'

/** Whose the key will be, and in which organisation it is used, for those who are in one. */
export function OwnerFields({ draft, change, faults }: FieldsProps) {
  const { actor } = useViewer()
  const owners = creatableFor(actor)
  const organizations = actor.organizations.map(({ id }) => id)
  if (organizations.length === 0) return null
  return (
    <div class="section">
      {owners.length > 0 && (
        <SelectField
          label={t('form.owner')}
          hint={t('form.ownerHint')}
          value={draft.owner}
          onInput={owner => change({ owner })}
          options={[
            ['', t('form.ownerMe')],
            ...owners.map(id => [id, t('owner.organization', { id })] as const),
          ]}
          fault={faultOf(faults, 'owner')}
        />
      )}
      {draft.owner === '' && (
        <SelectField
          label={t('form.organization')}
          hint={t('form.organizationHint')}
          value={draft.organizationId}
          onInput={organizationId => change({ organizationId })}
          options={[['', t('form.organizationNone')], ...organizations.map(id => [id, id] as const)]}
          fault={faultOf(faults, 'organizationId')}
        />
      )}
    </div>
  )
}
