/** The fields of a key, for the form that makes one and the one that changes it. */
import type { FieldError, KindConfig } from '../../../src/client/index.js'
import { faultOf } from '../../api/failure.js'
import { type FormPath, type KeyDraft, linesOf } from '../../key-form.js'
import { Disclosure } from '../../parts/disclosure.js'
import { TextField } from '../../parts/field.js'
import { t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import { ExpiryField } from './expiry-field.js'
import { LimitList } from './limit-list.js'
import { PermissionField } from './permission-field.js'
import { RoleField } from './role-field.js'

export interface FieldsProps {
  readonly draft: KeyDraft
  readonly change: (part: Partial<KeyDraft>) => void
  readonly faults: readonly FieldError[]
  readonly kind: KindConfig | undefined
  /** What the owner of the key may do; `null`: not known. */
  readonly grants: readonly string[] | null
  readonly use: 'create' | 'update'
  /** When the key that is changed ends. */
  readonly endsAt?: string | null
}

export function NameFields({ draft, change, faults }: FieldsProps) {
  return (
    <>
      <TextField
        label={t('form.name')}
        hint={t('form.nameHint')}
        optional={false}
        value={draft.name}
        maxLength={100}
        onInput={name => change({ name })}
        fault={faultOf(faults, 'name')}
      />
      <TextField
        label={t('form.description')}
        optional
        rows={2}
        value={draft.description}
        maxLength={1000}
        onInput={description => change({ description })}
        fault={faultOf(faults, 'description')}
      />
    </>
  )
}

export function RightFields(props: FieldsProps) {
  const { roles } = useViewer()
  return (
    <>
      <PermissionField {...props} />
      {Object.keys(roles).length > 0 && <RoleField {...props} />}
    </>
  )
}

export function BoundFields(props: FieldsProps) {
  const { draft, change, faults, kind, use } = props
  const needs = (rule: 'ips' | 'origins') => kind?.requiredRestrictions.includes(rule) ?? false
  const isOpen = (...paths: FormPath[]) => paths.some(path => faultOf(faults, path) !== null)
  const lines = (path: FormPath, text: string) => lineFault(faults, path, text)
  return (
    <>
      <ExpiryField {...props} />
      <Disclosure
        class="section"
        summary={t('form.where')}
        needed={
          needs('ips') ||
          needs('origins') ||
          draft.ips + draft.origins !== '' ||
          isOpen('restrictions.ips', 'restrictions.origins')
        }
      >
        <p class="hint">{t('form.whereHint')}</p>
        <TextField
          label={t('form.ips')}
          hint={t('form.ipsHint')}
          optional={!needs('ips')}
          rows={3}
          mono
          value={draft.ips}
          onInput={ips => change({ ips })}
          fault={lines('restrictions.ips', draft.ips)}
        />
        <TextField
          label={t('form.origins')}
          hint={t('form.originsHint')}
          optional={!needs('origins')}
          rows={3}
          mono
          value={draft.origins}
          onInput={origins => change({ origins })}
          fault={lines('restrictions.origins', draft.origins)}
        />
      </Disclosure>
      <Disclosure
        class="section"
        summary={t('form.more')}
        needed={draft.tags + draft.resources !== '' || isOpen('tags', 'resources')}
      >
        <TextField
          label={t('form.tags')}
          hint={t('form.tagsHint')}
          optional
          rows={2}
          value={draft.tags}
          onInput={tags => change({ tags })}
          fault={lines('tags', draft.tags)}
        />
        <TextField
          label={t('form.resources')}
          hint={t('form.resourcesHint')}
          optional
          rows={2}
          mono
          value={draft.resources}
          onInput={resources => change({ resources })}
          fault={lines('resources', draft.resources)}
        />
      </Disclosure>
      {use === 'create' && kind !== undefined && Object.keys(kind.limits).length > 0 && (
        <section class="section">
          <h2 class="label">{t('form.limits')}</h2>
          <p class="hint">{t('form.limitsHint')}</p>
          <LimitList limits={kind.limits} />
        </section>
      )}
    </>
  )
}

/** What is wrong with a field of lines, with the line that it is about. */
function lineFault(faults: readonly FieldError[], path: FormPath, text: string): string | null {
  const lines = linesOf(text)
  const told = faults
    .filter(fault => fault.path === path || fault.path.startsWith(`${path}.`))
    .map(({ path: at, message }) => {
      const line = lines[Number(at.slice(path.length + 1))]
      return at === path || line === undefined ? message : `${line}: ${message}`
    })
  return told.length === 0 ? null : told.join('; ')
}
