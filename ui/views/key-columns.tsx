/** How a key stands in a list: for every list of keys. */
import type { ApiKey } from '../../src/client/index.js'
import type { Column } from '../parts/record-table.js'
import { StatusBadge } from '../parts/status-badge.js'
import { Time } from '../parts/time.js'
import { keyHash } from '../router.js'
import { t } from '../text.js'

/** So many permissions are told of in a list; the key's page has them all. */
const SHOWN = 2

export const KEY_COLUMNS: readonly Column<ApiKey>[] = [
  { label: t('keys.name'), part: 'name', class: 'cell-name', cell: key => <KeyName apiKey={key} /> },
  { label: t('keys.status'), part: 'aside', cell: ({ status }) => <StatusBadge status={status} /> },
  { label: t('keys.permissions'), cell: ({ permissions, roles }) => <Few of={[...roles, ...permissions]} /> },
  {
    label: t('keys.lastUsed'),
    cell: ({ lastUsedAt }) =>
      lastUsedAt ? (
        <Time at={lastUsedAt} form="relative" />
      ) : (
        <span class="muted">{t('keys.neverUsed')}</span>
      ),
  },
  {
    label: t('keys.expires'),
    cell: ({ expiresAt }) =>
      expiresAt === null ? (
        <span class="muted">{t('keys.neverExpires')}</span>
      ) : (
        <Time at={expiresAt} form="day" />
      ),
  },
]

/** The name, which leads to the key's page, and the beginning of its token. A deleted key has no page. */
function KeyName({ apiKey: { id, name, start, status } }: { readonly apiKey: ApiKey }) {
  return (
    <>
      {status === 'deleted' ? (
        <bdi class="key-name">{name}</bdi>
      ) : (
        <a class="key-name" href={keyHash(id)}>
          <bdi>{name}</bdi>
        </a>
      )}
      <code class="key-start" dir="ltr">
        {start}…
      </code>
    </>
  )
}

function Few({ of: all }: { readonly of: readonly string[] }) {
  if (all.length === 0) return <span class="muted">{t('keys.noPermissions')}</span>
  const hidden = all.length - SHOWN
  return (
    <span class="few">
      {all.slice(0, SHOWN).map(one => (
        <code key={one} class="chip" dir="ltr">
          {one}
        </code>
      ))}
      {hidden > 0 && <span class="muted">{t('value.more', { count: hidden })}</span>}
    </span>
  )
}
