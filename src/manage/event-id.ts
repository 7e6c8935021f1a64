/** Ids of events: like a key's, but those of one process and ms sort in the order in which they were made. */
import { decodeBase62, encodeBase62 } from '../key/base62.js'
import { firstIdAt, newKeyId } from '../key/token.js'

const TAIL_LENGTH = 8
const LARGEST_TAIL = 62 ** TAIL_LENGTH - 1

let last = { at: -1, tail: 0 }

/** A new id for an event at `now` (ms since the epoch). The random part goes up by one within a ms (as ULIDs do). */
export function newEventId(now: number): string {
  const next = last.tail + 1
  const tail =
    last.at === now && next <= LARGEST_TAIL ? next : decodeBase62(newKeyId(now).slice(-TAIL_LENGTH))
  last = { at: now, tail }
  return firstIdAt(now) + encodeBase62(tail, TAIL_LENGTH)
}
