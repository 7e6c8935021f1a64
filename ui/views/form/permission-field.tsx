/** The permissions of a key: from the catalogue, within what its owner may do and its kind may carry. */
import { useState } from 'preact/hooks'
import { faultOf } from '../../api/failure.js'
import { Choice, Group, TextField } from '../../parts/field.js'
import { type PermissionGroup, permissionGroups } from '../../permission-choices.js'
import { t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import type { FieldsProps } from './key-fields.js'

/** From so many on, a filter helps. */
const MANY = 15
const MANAGING = 'api-keys'

export function PermissionField({ draft, change, faults, kind, grants }: FieldsProps) {
  const { permissions: catalogue } = useViewer()
  const [filter, setFilter] = useState('')
  // What was chosen and is taken back must not vanish from under the pointer.
  const [first] = useState(draft.permissions)
  const groups = permissionGroups({ permissions: catalogue, grants, kind: kind?.permissions ?? null }, [
    ...first,
    ...draft.permissions,
  ])
  const count = groups.reduce((sum, { permissions }) => sum + permissions.length, 0)
  const chosen = new Set(draft.permissions)
  const choose = (permissions: readonly string[], checked: boolean) =>
    change({
      permissions: checked
        ? [...new Set([...draft.permissions, ...permissions])]
        : draft.permissions.filter(permission => !permissions.includes(permission)),
    })
  return (
    <div class="section">
      <Group
        label={t('form.permissions')}
        hint={t(draft.owner === '' ? 'form.permissionsHint' : 'form.permissionsOrganization')}
        fault={faultOf(faults, 'permissions')}
      >
        {count === 0 && catalogue !== null && <p class="muted">{t('form.permissionsNone')}</p>}
        {count > MANY && (
          <TextField label={t('form.permissionsFilter')} type="search" value={filter} onInput={setFilter} />
        )}
        <div class="permission-groups">
          {groups
            .map(group => matching(group, filter))
            .filter(({ permissions }) => permissions.length > 0)
            .map(group => (
              <GroupChoices key={group.name} group={group} chosen={chosen} choose={choose} />
            ))}
        </div>
        {catalogue === null && (
          <TextField
            label={t('form.permissionsOther')}
            hint={t('form.permissionsOtherHint')}
            optional
            rows={3}
            mono
            value={draft.otherPermissions}
            onInput={otherPermissions => change({ otherPermissions })}
          />
        )}
        {chosen.size === 0 && draft.roles.length === 0 && draft.otherPermissions === '' && (
          <p class="hint">{t('form.permissionsEmpty')}</p>
        )}
      </Group>
    </div>
  )
}

interface GroupChoicesProps {
  readonly group: PermissionGroup
  readonly chosen: ReadonlySet<string>
  readonly choose: (permissions: readonly string[], checked: boolean) => void
}

function GroupChoices({ group: { name, permissions }, chosen, choose }: GroupChoicesProps) {
  const some = permissions.some(permission => chosen.has(permission))
  // A pattern is there since the key has it: whoever chooses all of what there is does not mean what will be.
  const plain = permissions.filter(permission => !permission.includes('*'))
  const all = plain.every(permission => chosen.has(permission))
  return (
    <fieldset class="permission-group">
      <legend class="hidden">{name}</legend>
      {permissions.length > 1 && (
        <Choice
          type="checkbox"
          checked={all}
          indeterminate={some && !all}
          onChange={checked => choose(checked ? plain : permissions, checked)}
          {...(name === MANAGING && { hint: t('form.permissionsManaging') })}
        >
          <strong>{t('form.permissionsAll', { group: name })}</strong>
        </Choice>
      )}
      <div class={permissions.length > 1 ? 'permission-list' : ''}>
        {permissions.map(permission => (
          <Choice
            key={permission}
            type="checkbox"
            checked={chosen.has(permission)}
            onChange={checked => choose([permission], checked)}
          >
            <code dir="ltr">{permission}</code>
          </Choice>
        ))}
      </div>
    </fieldset>
  )
}

function matching({ name, permissions }: PermissionGroup, filter: string): PermissionGroup {
  const sought = filter.trim().toLowerCase()
  return { name, permissions: permissions.filter(permission => permission.toLowerCase().includes(sought)) }
}
