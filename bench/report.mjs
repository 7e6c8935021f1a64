/** The page that a run of benches leaves: the machine, the versions, and all that was printed. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

/** Their versions are told, where they are installed: what sidekey is measured with. */
const PARTNERS = ['express', 'koa', 'mongoose', 'bcrypt', 'rate-limiter-flexible', 'passport-headerapikey']
/** A line of `claim` in measure.ts. */
const CLAIM = /^ {2}(ok {4}|MISSED) (.+)$/gm

/**
 * The page, as Markdown.
 * @param runs `[{ bench, seconds, status, output }]`, in their order
 * @param facts `{ command, began, load }`: the date of its beginning, and the load of the machine then
 */
export function reportOf(runs, { command, began, load }) {
  const claims = runs.flatMap(({ bench, output }) =>
    [...output.matchAll(CLAIM)].map(([, sign, text]) => ({ bench, met: sign !== 'MISSED', text })),
  )
  const missed = claims.filter(({ met }) => !met)
  const failed = runs.filter(run => run.status !== 0 && !missed.some(({ bench }) => bench === run.bench))
  const parts = [
    '# Benchmarks',
    `What \`${command}\` has printed; the same command writes this page anew. What is measured, against what, and why is in [bench/README.md](../bench/README.md). A figure is a median, with the lowest and the highest behind it.`,
    table([
      ['begun', `${began.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
      [
        'machine',
        `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${gigabytes(totalmem())} GB`,
      ],
      ['system', `${type()} ${release()}`],
      [
        'load before',
        `${load.toFixed(1)}; above about half the number of cores, figures are lower and spreads wider`,
      ],
      ['Node', process.version],
      ['sidekey', `${versionIn('package.json')}, commit ${commit()}`],
      ['beside it', PARTNERS.flatMap(installed).join(', ')],
      ...peers().map(({ name, packages }) => [`measured against (${name})`, packages]),
    ]),
    '## Claims',
    `${claims.length - missed.length} of ${claims.length} are met.`,
    ...missed.map(({ bench, text }) => `- **Missed** by \`${bench}\`: ${text}`),
    ...failed.map(({ bench, status }) => `- \`${bench}\` ended with ${status}, before it came to its end.`),
    ...runs.map(one => `## ${one.bench}\n\n${section(one)}`),
  ]
  return `${parts.join('\n\n')}\n`
}

function section({ bench, seconds, output }) {
  // The output may have a fence of its own.
  const text = output.replaceAll('```', "'''").trimEnd()
  return `\`npm run bench -- ${bench}\`, ${seconds} s:\n\n\`\`\`text\n${text}\n\`\`\``
}

function table(rows) {
  const line = cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(['', '']), line(['---', '---']), ...rows.map(line)].join('\n')
}

function gigabytes(bytes) {
  return Math.round(bytes / 1e9)
}

function versionIn(file) {
  return JSON.parse(readFileSync(file, 'utf8')).version
}

function installed(name) {
  const file = `node_modules/${name}/package.json`
  return existsSync(file) ? [`${name} ${versionIn(file)}`] : []
}

/** What peers.ts has installed; a folder may be of an earlier run, with other versions. */
function peers() {
  if (!existsSync('bench/.peers')) return []
  return readdirSync('bench/.peers').map(name => {
    const { dependencies } = JSON.parse(readFileSync(`bench/.peers/${name}/package.json`, 'utf8'))
    const packages = Object.entries(dependencies).map(([one, version]) => `${one} ${version}`)
    return { name, packages: packages.join(', ') }
  })
}

/** Of what is measured; a bare copy of the files has none. */
function commit() {
  const { stdout, status } = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 'unknown'
}
