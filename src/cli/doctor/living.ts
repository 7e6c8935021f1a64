/** Keys that live longer, or may do more, than they should. */
import { counted, type Finding, type Level, type Patient } from './finding.js'
import { type Seen, type Tally, UNUSED_DAYS } from './keys.js'

const DAY_MS = 86_400_000

interface Row {
  readonly check: string
  readonly level: Level
  readonly tally: Tally
  /** What is said of some keys, and where there are none. */
  readonly found: string
  readonly none: string
  readonly advice: string
}

export function livingFindings({ now, by }: Patient, seen: Seen): Finding[] {
  const since = new Date(now() - UNUSED_DAYS * DAY_MS).toISOString().slice(0, 10)
  const rows: readonly Row[] = [
    {
      check: 'kinds',
      level: 'problem',
      tally: seen.unknownKind,
      found: 'of a kind that the options do not have: refused.',
      none: by === 'config' ? 'Every living key is of a kind that there is.' : '',
      advice: 'Put the kind back into the options, or revoke these keys.',
    },
    {
      check: 'expiry',
      level: 'warning',
      tally: seen.endless,
      found: 'never to end.',
      none: 'Every living key ends some day.',
      advice:
        'Set maxExpiresIn or expiresAfterIdle of their kind for new ones, and "sidekey update --expires-in" for these.',
    },
    {
      check: 'unused',
      level: 'warning',
      tally: seen.unused,
      found: `living, and not used for ${UNUSED_DAYS} days.`,
      none: `Every living key was made or used within ${UNUSED_DAYS} days.`,
      advice: `See "sidekey list --unused-since ${since}", and revoke what nobody needs.`,
    },
    {
      check: 'over-broad',
      level: 'warning',
      tally: seen.everything,
      found: 'allowed everything (*), on all resources.',
      none: 'No living key is allowed everything.',
      advice: 'Name what they need: "sidekey update ID --permission …".',
    },
    {
      check: 'over-broad',
      level: 'warning',
      tally: seen.managing,
      found: 'allowed all management of keys (api-keys:*).',
      none: '',
      advice: 'Name the acts that they need, such as api-keys:read.',
    },
    {
      check: 'catalogue',
      level: 'note',
      tally: seen.unlisted,
      found: 'given a permission that is not in the catalogue any more.',
      none: '',
      advice: 'It allows nothing. Take it away, or put it back into the catalogue.',
    },
  ]
  return rows.flatMap(row => findingOf(row))
}

function findingOf({ check, level, tally, found, none, advice }: Row): Finding[] {
  if (tally.count > 0) {
    const what = `${counted(tally.count, 'key is', 'keys are')} ${found}`
    return [{ check, level, found: what, advice, keys: tally.examples }]
  }
  return none === '' ? [] : [{ check, level: 'ok', found: none }]
}
