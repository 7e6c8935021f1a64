import type { KeyStatus } from '../../src/client/index.js'
import { t } from '../text.js'

/** The status of a key: by a word, and by a colour for those who see it. */
export function StatusBadge({ status }: { readonly status: KeyStatus }) {
  return <span class={`badge badge-${status}`}>{t(`status.${status}`)}</span>
}
