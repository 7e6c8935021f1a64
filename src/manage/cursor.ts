/**
 * Cursors of lists: base64url of the last id and a digest over it and the filter. Opaque to callers; one that was
 * changed, or is used with another filter, is refused. It grants nothing: what may be seen is decided anew for
 * each page.
 */
import { hash } from 'node:crypto'
import { invalidInput } from '../errors.js'
import { ID_LENGTH, isKeyId } from '../key/token.js'

const CHECK_LENGTH = 8

/** The cursor that goes on after the key with this id. `filter` is JSON of what was listed. */
export function encodeCursor(id: string, filter: string): string {
  return Buffer.from(id + check(id, filter), 'latin1').toString('base64url')
}

/**
 * The id that a cursor stands for.
 * @throws SidekeyError `INVALID_INPUT` naming `cursor`.
 */
export function decodeCursor(cursor: string, filter: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const id = text.slice(0, ID_LENGTH)
  if (!isKeyId(id) || encodeCursor(id, filter) !== cursor) {
    throw invalidInput([{ path: 'cursor', message: 'takes the nextCursor of a page with the same filter' }])
  }
  return id
}

function check(id: string, filter: string): string {
  return hash('sha256', `sidekey cursor\0${id}\0${filter}`, 'base64url').slice(0, CHECK_LENGTH)
}
