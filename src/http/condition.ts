import { SidekeyError } from '../errors.js'
import type { ChangeOptions } from '../manage/change.js'

/**
 * What `If-Match` (RFC 9110, section 13.1.1) asks of a change; `*` asks nothing, since a change needs the record anyway.
 * @throws SidekeyError `VERSION_MISMATCH` where it is no entity tag of ours, `PRECONDITION_REQUIRED` where it must be
 * there and is not.
 */
export function conditionIn(
  ifMatch: string | undefined,
  { required }: { readonly required: boolean },
): ChangeOptions {
  const tag = ifMatch?.trim()
  if (tag === undefined && required) {
    throw new SidekeyError('PRECONDITION_REQUIRED', 'Send If-Match with the ETag of the record, or with *.')
  }
  if (tag === undefined || tag === '*') return {}
  const version = /^"([0-9]{1,15})"$/.exec(tag)?.[1]
  if (version === undefined)
    throw new SidekeyError('VERSION_MISMATCH', 'If-Match takes the ETag of the record.')
  return { ifVersion: Number(version) }
}
