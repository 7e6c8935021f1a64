import type { ApiKey } from '../../../src/client/index.js'
import { limitText } from '../../limit-text.js'

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
