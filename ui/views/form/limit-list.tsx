import type { ApiKey } from '../../../src/client/index.js'
import { parseDuration } from '../../../src/key/duration.js'
import { locale } from '../../page.js'
import { spanIn } from '../../spans.js'
import { t } from '../../text.js'

type Limits = ApiKey['limits']

/** Limits by name. */
export function LimitList({ limits }: { readonly limits: Limits }) {
  return (
    <ul class="plain-list">
      {Object.entries(limits).map(([name, limit]) => (
        <li key={name}>
          <code class="chip" dir="ltr">
            {name}
          </code>{' '}
          {limitText(limit)}
        </li>
      ))}
    </ul>
  )
}

function limitText({ points, per, by = 'key' }: Limits[string]): string {
  const ms = parseDuration(per)
  const line = t('limit.line', {
    points: points.toLocaleString(locale),
    span: ms === null ? per : spanIn(locale, ms),
  })
  if (by === 'key') return line
  return t(by === 'owner' ? 'limit.byOwner' : 'limit.byOrganization', { line })
}
