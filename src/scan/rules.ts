/** Rules by which other scanners find the tokens of an app. They look at the shape alone; the checksum is ours. */
import { newKeyId, newToken } from '../key/token.js'

export const RULE_FORMATS = ['gitleaks', 'gitleaks-rules', 'trufflehog', 'github'] as const
export type RuleFormat = (typeof RULE_FORMATS)[number]

const TAIL = '_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}'

const WRITERS: Readonly<Record<RuleFormat, (prefixes: readonly string[]) => string>> = {
  gitleaks: prefixes =>
    ['# .gitleaks.toml', '[extend]', 'useDefault = true', ...prefixes.map(gitleaksRule)].join('\n'),
  // For a file that is there: it may have an [extend], and TOML takes a table once.
  'gitleaks-rules': prefixes => prefixes.map(gitleaksRule).join('\n'),
  trufflehog: prefixes =>
    ['# trufflehog --config=trufflehog.yaml', 'detectors:', ...prefixes.map(detector)].join('\n'),
  github: prefixes => prefixes.map(customPattern).join('\n\n'),
}

/** @param prefixes what tokens begin with, at least one */
export function ruleFor(format: RuleFormat, prefixes: readonly string[]): string {
  return WRITERS[format](prefixes)
}

function gitleaksRule(prefix: string): string {
  return `
[[rules]]
id = "${prefix.replaceAll('_', '-')}-api-key"
description = "API key of sidekey (${prefix})"
regex = '''(${prefix}${TAIL})(?:[^0-9A-Za-z]|$)'''
secretGroup = 1
keywords = ["${prefix}_"]`
}

function detector(prefix: string): string {
  return `  - name: ${prefix} API key
    keywords:
      - ${prefix}_
    regex:
      token: '(${prefix}${TAIL})'`
}

/** What the form for custom patterns of secret scanning asks for, and the partner program too. */
function customPattern(prefix: string): string {
  const now = Date.now()
  return `Pattern name:     ${prefix} API key
Secret format:    ${prefix}${TAIL}
Before secret:    \\A|[^0-9A-Za-z]
After secret:     \\z|[^0-9A-Za-z]
Test string:      ${newToken(prefix, newKeyId(now)).token}`
}
