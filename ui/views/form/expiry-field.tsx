import { faultOf } from '../../api/failure.js'
import { daysWithin, type Expiry, endOf, mayLiveForEver, spansFor } from '../../expiry.js'
import { locale } from '../../page.js'
import { Choice, Group, TextField } from '../../parts/field.js'
import { exactTime } from '../../parts/time.js'
import { spanIn } from '../../spans.js'
import { t } from '../../text.js'
import type { FieldsProps } from './key-fields.js'

const UNBOUND = { expiresIn: null, maxExpiresIn: null }

/** When the key ends. */
export function ExpiryField({ draft, change, faults, kind = undefined, use, endsAt = null }: FieldsProps) {
  const bounds = kind ?? UNBOUND
  const { expiry } = draft
  // To leave it so is the first choice already.
  const isEndless = use === 'update' && endsAt === null
  const end = endOf(expiry, Date.now())
  const fault = faultOf(faults, 'expiresAt') ?? faultOf(faults, 'expiresIn')
  const choice = (value: Expiry, label: string, hint?: string) => (
    <Choice
      key={label}
      type="radio"
      name="expiry"
      checked={isSame(expiry, value)}
      onChange={() => change({ expiry: value })}
      {...(hint !== undefined && { hint })}
    >
      {label}
    </Choice>
  )
  return (
    <div class="section">
      <Group label={t('form.expiry')} fault={expiry.at === 'day' ? null : fault}>
        {use === 'update' &&
          choice(
            { at: 'keep' },
            endsAt === null ? t('form.expiryKeepNever') : t('form.expiryKeep', { end: exactTime(endsAt) }),
          )}
        <div class="choice-row">
          {spansFor(bounds).map(ms => choice({ at: 'span', ms }, spanIn(locale, ms)))}
          {choice({ at: 'day', day: expiry.at === 'day' ? expiry.day : '' }, t('form.expiryDay'))}
          {mayLiveForEver(bounds, use) && !isEndless && choice({ at: 'never' }, t('form.expiryNever'))}
        </div>
        {expiry.at === 'day' && (
          <TextField
            label={t('form.expiryDate')}
            hint={t('form.expiryDateHint')}
            type="date"
            value={expiry.day}
            onInput={day => change({ expiry: { at: 'day', day } })}
            fault={fault}
            {...given(daysWithin(bounds, Date.now()))}
          />
        )}
        {expiry.at === 'never' && <p class="hint">{t('form.expiryNeverHint')}</p>}
        {expiry.at === 'span' && end !== null && (
          <p class="hint">{t('form.expiryEnds', { end: exactTime(end.toISOString()) })}</p>
        )}
      </Group>
    </div>
  )
}

function isSame(a: Expiry, b: Expiry): boolean {
  return a.at === b.at && (a.at !== 'span' || b.at !== 'span' || a.ms === b.ms)
}

function given({ min, max }: { readonly min: string; readonly max: string | undefined }) {
  return max === undefined ? { min } : { min, max }
}
