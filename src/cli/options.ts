/** Options that several commands have, each said once. */
import type { Command } from 'commander'
import { given } from '../given.js'
import { idArgument, wholeNumber } from './command.js'
import { CliError, EXIT } from './exit.js'

/** A command about one key. */
export function keyCommand(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).argument('<id>', 'its id', idArgument)
}

/** Whose keys. */
export interface OwnerOptions {
  readonly owner?: string
  readonly ownerType?: string
  readonly organization?: string
}

export function withOwner(command: Command): Command {
  return command
    .option('--owner <id>', 'keys of this owner')
    .option('--owner-type <type>', 'goes with --owner (default: user)')
    .option('--organization <id>', 'keys in this organisation')
}

/** As `keys.list`, `keys.usage` and `keys.audit` take it. */
export function ownerFilter({ owner, ownerType, organization }: OwnerOptions) {
  return given({ owner: ownerOf({ owner, ownerType }), organizationId: organization })
}

/**
 * The owner that is named; `undefined`: none is.
 * @throws CliError `usage` for a type alone: without it the command would be about more than was meant
 */
export function ownerOf({
  owner,
  ownerType,
}: {
  readonly owner?: string | undefined
  readonly ownerType?: string | undefined
}) {
  if (owner !== undefined) return { id: owner, ...given({ type: ownerType }) }
  if (ownerType !== undefined) throw new CliError(EXIT.usage, '--owner-type goes with --owner')
  return undefined
}

/** Where in a list. */
export interface PageOptions {
  readonly limit: number
  readonly cursor?: string
}

export function withPage(command: Command): Command {
  return command
    .option('--limit <number>', 'how many, at most 100 a page', wholeNumber, 20)
    .option('--cursor <cursor>', 'nextCursor of the page before')
}

/** Of what changes something, and may not be undone. */
export interface ActOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
}

/** @param dryRun what `--dry-run` does in place of the act */
export function withLeave(command: Command, dryRun = 'show which keys, and change nothing'): Command {
  return command.option('--yes', 'do not ask').option('--dry-run', dryRun)
}

export function withVersion(command: Command): Command {
  return command.option('--if-version <number>', 'only if it is still at this version', wholeNumber)
}

/** For a token that is made. */
export function withTokenFile(command: Command): Command {
  return command.option('--token-file <file>', 'write the token into this new file, and show it nowhere')
}
