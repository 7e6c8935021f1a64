/** Whose keys are meant: an owner, an organisation. */
import { SelectField, TextField } from '../../parts/field.js'
import { t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import type { Draft } from './filter-form.js'
import { seesMembers } from './reach.js'

/** Types of owners that every app has; its own ones are written. */
const TYPES = ['user', 'organization']
const OTHER = 'other'

interface FieldsProps {
  readonly draft: Draft
  /** Those that the viewer may choose from, unless they are an admin. */
  readonly organizations: readonly string[]
}

/** Who is no admin chooses among their organisations, where they have more than one. */
export function OwnOrganizationField({ draft: { query, choose }, organizations }: FieldsProps) {
  const { actor } = useViewer()
  const { organization = '' } = query
  if (actor.admin || organizations.length < 2) return null
  return (
    <SelectField
      label={t('scope.organization')}
      value={organizations.includes(organization) ? organization : (organizations[0] ?? '')}
      onInput={value => choose({ organization: value })}
      options={organizations.map(id => [id, id] as const)}
    />
  )
}

/** An admin writes any organisation, or none. */
export function OrganizationField({ draft: { query, write } }: Pick<FieldsProps, 'draft'>) {
  const { actor } = useViewer()
  if (!actor.admin) return null
  return (
    <TextField
      label={t('scope.organization')}
      value={query.organization ?? ''}
      onInput={value => write('organization', value)}
      maxLength={200}
    />
  )
}

/** An owner, by type and id: for those who may ask for anybody's keys. */
export function OwnerFields({ draft: { query, write }, organizations }: FieldsProps) {
  const { actor } = useViewer()
  const { owner = '', ownerType = '', organization = organizations[0] } = query
  if (!seesMembers(actor, organization)) return null
  const isOther = ownerType !== '' && !TYPES.includes(ownerType)
  return (
    <>
      <TextField
        label={t('scope.owner')}
        value={owner}
        onInput={value => write('owner', value)}
        maxLength={200}
      />
      <SelectField
        label={t('scope.ownerType')}
        value={isOther ? OTHER : ownerType || 'user'}
        onInput={value => write('ownerType', value === 'user' ? '' : value)}
        options={[
          ['user', t('scope.user')],
          ['organization', t('scope.organization')],
          [OTHER, t('scope.other')],
        ]}
      />
      {isOther && (
        <TextField
          label={t('scope.otherType')}
          value={ownerType === OTHER ? '' : ownerType}
          onInput={value => write('ownerType', value || OTHER)}
          maxLength={64}
        />
      )}
    </>
  )
}
