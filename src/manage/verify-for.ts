import { SidekeyError } from '../errors.js'
import { satisfies } from '../key/permission.js'
import type { Verification, VerifyRequest } from '../verify/verification.js'
import type { CallContext } from './access.js'
import type { Deps } from './deps.js'
import { refusing } from './refused-act.js'

const NEEDED = 'api-keys:verify'

/**
 * Verifies a token for a gateway, or a service that cannot do it itself. Whoever asks vouches for the address and the origin
 * that they name, and is told what the key may do: give `api-keys:verify` to gateways alone.
 * @throws SidekeyError `FORBIDDEN` for whoever is neither an admin nor a key with `api-keys:verify`.
 */
export async function verifyFor(
  deps: Deps,
  { caller }: CallContext,
  token: string | null | undefined,
  request?: VerifyRequest,
): Promise<Verification> {
  const may =
    caller.via === 'server' ||
    (caller.via === 'key' ? satisfies(caller.key.permissions, NEEDED) : caller.admin)
  if (!may) {
    throw refusing(new SidekeyError('FORBIDDEN', `To verify keys of others takes ${NEEDED}.`), 'verify')
  }
  return deps.verifier.verify(token, request)
}
