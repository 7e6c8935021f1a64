import type { ApiKey } from '../src/client/index.js'
import { parseDuration } from '../src/key/duration.js'
import { locale } from './page.js'
import { spanIn } from './spans.js'
import { t } from './text.js'

/** A limit in words: so many in such a time, and who shares them. */
export function limitText({ points, per, by = 'key' }: ApiKey['limits'][string]): string {
  const ms = parseDuration(per)
  const line = t('limit.line', {
    points: points.toLocaleString(locale),
    span: ms === null ? per : spanIn(locale, ms),
  })
  if (by === 'key') return line
  return t(by === 'owner' ? 'limit.byOwner' : 'limit.byOrganization', { line })
}
