/** Command lines as the documents write them, taken apart as far as the tests of this folder need it. */

/** A command and its arguments, without what surrounds it: pipes, redirections, settings of variables. */
export type Words = readonly string[]

/** The text of the commands of a block: of a session at a terminal what follows `$`, without what is answered. */
export function typedIn(language: string, code: string): string {
  if (language !== 'console') return code
  return code
    .replaceAll('\\\n', '\\\u0000') // a command goes on
    .split('\n')
    .filter(line => line.startsWith('$ '))
    .map(line => line.slice(2))
    .join('\n')
    .replaceAll('\u0000', '\n')
}

/** The commands of a script: `a 'b c' | d > e # f` are `['a', 'b c']` and `['d']`. */
export function commandsIn(script: string): Words[] {
  const commands: string[][] = [[]]
  for (const [, space, operator, comment, word = ''] of script.matchAll(
    /((?:[ \t]|\\\n)+)|(\n|\|\||\||&&|;|>>?\s*\S+|<\s*\S+)|((?<=^|\s)#.*)|((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"|;&<>\\])+)/gm,
  )) {
    if (
      space !== undefined ||
      comment !== undefined ||
      operator?.startsWith('>') ||
      operator?.startsWith('<')
    )
      continue
    if (operator !== undefined) commands.push([])
    else commands.at(-1)?.push(unquoted(word))
  }
  return commands.filter(words => words.length > 0)
}

function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
  )
}

export interface Call {
  readonly method: string
  readonly url: string
  readonly body: string | undefined
}

/** What `curl` would send. It knows the options that the documents use, and throws at any other. */
export function callOf([, ...args]: Words): Call {
  const TAKES_ONE = new Set(['-b', '-c', '-H', '-d', '-X', '-o', '-w', '--data-binary'])
  const given = new Map<string, string>()
  const urls: string[] = []
  const rest = [...args]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (TAKES_ONE.has(word)) given.set(word, rest.shift() ?? '')
    else if (!word.startsWith('-')) urls.push(word)
    else if (word !== '-s') throw new Error(`curl ${word}?`)
  }
  const [url = '', ...more] = urls
  if (url === '' || more.length > 0) throw new Error(`curl takes one address, and has ${urls.length}`)
  const body = given.get('-d') ?? given.get('--data-binary')
  return { method: given.get('-X') ?? (body === undefined ? 'GET' : 'POST'), url, body }
}
