import { allowsAll } from '../../../src/key/permission.js'
import { faultOf } from '../../api/failure.js'
import { Choice, Group } from '../../parts/field.js'
import { t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import type { FieldsProps } from './key-fields.js'

/** The roles that the owner may give, and what each brings. */
export function RoleField({ draft, change, faults, kind, grants }: FieldsProps) {
  const { roles } = useViewer()
  const within = (bound: readonly string[] | null | undefined, permissions: readonly string[]) =>
    bound === null || bound === undefined || allowsAll(bound, permissions)
  const offered = Object.entries(roles).filter(
    ([name, permissions]) =>
      draft.roles.includes(name) || (within(grants, permissions) && within(kind?.permissions, permissions)),
  )
  if (offered.length === 0) return null
  return (
    <div class="section">
      <Group label={t('form.roles')} hint={t('form.rolesHint')} fault={faultOf(faults, 'roles')} optional>
        {offered.map(([name, permissions]) => (
          <Choice
            key={name}
            type="checkbox"
            checked={draft.roles.includes(name)}
            onChange={checked =>
              change({ roles: checked ? [...draft.roles, name] : draft.roles.filter(role => role !== name) })
            }
            hint={<span dir="ltr">{permissions.join(', ')}</span>}
          >
            <bdi>{name}</bdi>
          </Choice>
        ))}
      </Group>
    </div>
  )
}
