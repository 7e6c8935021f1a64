/** The options by which `create` and `update` say what a key is, and what they come to. */
import { type Command, InvalidArgumentError } from 'commander'
import { given } from '../given.js'
import type { Limits } from '../key/limit.js'
import type { Json } from '../key/record.js'
import { many } from './command.js'

export interface FieldOptions {
  readonly description?: string
  readonly organization?: string
  readonly permission?: readonly string[]
  readonly role?: readonly string[]
  readonly resource?: readonly string[]
  readonly tag?: readonly string[]
  readonly ip?: readonly string[]
  readonly origin?: readonly string[]
  readonly limit?: Limits
  readonly metadata?: Json
  readonly expiresIn?: string
  readonly expiresAt?: string
  readonly expiresAfterIdle?: string
  readonly notBefore?: string
}

export function withFields(command: Command): Command {
  return command
    .option('--description <text>', 'what it is for')
    .option('--organization <id>', 'the organisation in whose context it is used')
    .option('--permission <permission>', 'what it may do; several times', many)
    .option('--role <role>', 'a role; several times', many)
    .option('--resource <thing>', 'a thing that it is narrowed to; several times', many)
    .option('--tag <tag>', 'a tag; several times', many)
    .option('--ip <range>', 'an address or CIDR range that it may be used from; several times', many)
    .option('--origin <origin>', 'an origin that it may be used from; several times', many)
    .option('--limit <name=points/per>', 'a limit, such as requests=600/1m; several times', limitArgument)
    .option('--metadata <json>', "an object of the app's own", jsonArgument)
    .option('--expires-in <duration>', 'how long it lives, such as 90d')
    .option('--expires-at <time>', 'when it ends, ISO 8601')
    .option('--expires-after-idle <duration>', 'it ends when it is not used for so long')
    .option('--not-before <time>', 'before this time it is not valid, ISO 8601')
}

/** The fields as `keys.create` and `keys.update` take them; what they may be is checked there. */
export function fieldsOf(options: FieldOptions) {
  const { organization, permission, role, resource, tag, ip, origin, limit } = options
  const { description, metadata, expiresIn, expiresAt, expiresAfterIdle, notBefore } = options
  return given({
    description,
    organizationId: organization,
    permissions: permission,
    roles: role,
    resources: resource,
    tags: tag,
    restrictions:
      ip === undefined && origin === undefined ? undefined : { ips: ip ?? [], origins: origin ?? [] },
    limits: limit,
    metadata: metadata as { [key: string]: Json } | undefined, // it is checked to be an object
    expiresIn,
    expiresAt,
    expiresAfterIdle,
    notBefore,
  })
}

function limitArgument(value: string, before: Limits = {}): Limits {
  const [, name, points, per, by] = /^([^=]+)=([0-9]{1,12})\/([^/]+)(?:\/(.+))?$/.exec(value) ?? []
  if (name === undefined || per === undefined) {
    throw new InvalidArgumentError('It takes name=points/per, such as requests=600/1m (or …/owner).')
  }
  // Its parts are checked where the key is made.
  return { ...before, [name]: { points: Number(points), per, ...(by !== undefined && { by }) } } as Limits
}

function jsonArgument(value: string): Json {
  try {
    return JSON.parse(value) as Json
  } catch {
    throw new InvalidArgumentError('It takes JSON, such as \'{"team":"billing"}\'.')
  }
}
