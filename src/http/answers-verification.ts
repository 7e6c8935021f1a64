/** What `POST /verify` and `GET /config` are answered as. */
import { z } from 'zod'
import { ACTIONS } from '../key/action.js'
import type { ActorConfig } from '../manage/actor-config.js'
import type { Accepted, Refused } from '../verify/verification.js'
import { apiKey, limits, natural, owner, texts, time, type Wire } from './answers.js'
import { REFUSAL_CODES } from './codes.js'
import { described, told } from './documented.js'

const limitStates = () =>
  z.record(
    z.string(),
    z.object({
      points: described(natural(), 'A window.'),
      perMs: described(natural(), 'How long a window is, in ms.'),
      remaining: natural(),
      resetsAt: time(),
    }),
  )

const accepted = told(
  z.object({
    ok: z.literal(true),
    apiKey,
    owner,
    permissions: described(texts(), 'What the key may do now, cut to what its owner may.'),
    resources: described(texts().nullable(), 'What it is narrowed to; `null`: all.'),
    limits: described(limitStates(), 'Where the request stands with each limit that it has drawn on.'),
    credits: described(
      z.object({ balance: natural() }).nullable(),
      'What is left of the credits that it was paid from; `null`: it costs none.',
    ),
    tokenEndsAt: described(
      time().nullable(),
      "When this token ends, where it has been rotated away; `null`: it is the key's own.",
    ),
  }) satisfies z.ZodType<Wire<Accepted>>,
  { id: 'Accepted' },
)

const refused = told(
  z.object({
    ok: z.literal(false),
    code: z.enum(REFUSAL_CODES),
    status: described(z.int(), 'The HTTP status of the code.'),
    retryAfter: described(natural(), 'Seconds.').exactOptional(),
    limits: described(limitStates(), 'With `RATE_LIMITED`: where the key stands.').exactOptional(),
  }) satisfies z.ZodType<Wire<Refused>>,
  { id: 'Refused' },
)

export const verification = told(z.union([accepted, refused]), {
  id: 'Verification',
  description: 'Whether a token is accepted.',
})

const actions = () => z.array(z.enum(ACTIONS))

const actor = z.object({
  id: z.string(),
  via: z.enum(['session', 'key']),
  admin: z.boolean(),
  impersonate: described(z.boolean(), 'An admin who may also come by a token that acts as a user.'),
  organizations: z.array(
    z.object({
      id: z.string(),
      role: z.string(),
      organizationKeys: described(actions(), 'What the role may do to keys that the organisation owns.'),
      memberKeys: described(actions(), "What it may do to its members' own keys."),
    }),
  ),
})

const milliseconds = () => told(natural(), { description: 'In milliseconds.' })

const kind = z.object({
  name: z.string(),
  prefix: z.string(),
  expiresIn: described(milliseconds().nullable(), 'How long keys live unless told otherwise, in ms.'),
  maxExpiresIn: described(milliseconds().nullable(), 'How long they live at most, in ms; `null`: for ever.'),
  expiresAfterIdle: described(
    z.string().nullable(),
    'Unused for so long, keys end, at the latest: a duration; `null`: never.',
  ),
  permissions: described(texts().nullable(), 'What keys of the kind may carry; `null`: anything.'),
  limits: described(limits(), 'Of keys of the kind that have none of that name themselves.'),
  requiredRestrictions: z.array(z.enum(['ips', 'origins'])),
})

export const actorConfig = told(
  z.object({
    actor,
    permissions: described(texts().nullable(), 'The catalogue; `null`: any well-formed permission.'),
    roles: described(z.record(z.string(), texts()), 'Bundles of permissions, by name.'),
    kinds: z.array(kind),
    grants: described(
      texts().nullable(),
      'What may be put into keys of the actor, or of the owner asked about; `null`: that one is switched off.',
    ),
    maxKeysPerOwner: natural().nullable(),
    retention: described(natural(), 'How long a deleted key can be restored, in ms.'),
    requireIfMatch: described(z.boolean(), 'Whether changes of a record must name its version.'),
  }) satisfies z.ZodType<Wire<ActorConfig & { readonly requireIfMatch: boolean }>>,
  { id: 'Config', description: 'What the actor may do, and what the app has set.' },
)
