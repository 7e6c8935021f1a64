/** A process that runs command lines of the built program, one after the other, and answers with what each has written. */
import { register } from 'node:module'
import { dirname, join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { WriteStream } from 'node:tty'
import { pathToFileURL } from 'node:url'

// A config is read anew by each run, as each process does.
register('./fresh-configs.mjs', import.meta.url)

const [, , program] = process.argv
const { run } = await import(pathToFileURL(join(dirname(program), 'run.js')).href)

process.on('message', async asked => process.send(await answerTo(asked)))
process.on('disconnect', () => process.exit())

async function answerTo({ args, cwd, env, input, columns }) {
  const before = { ...process.env }
  Object.assign(process.env, env)
  process.chdir(cwd)
  const stdin = new PassThrough().end(Buffer.from(input, 'base64'))
  const [stdout, stderr] = [sink(columns), sink(columns)]
  try {
    const code = await run(args, { stdin, stdout, stderr, env: process.env })
    return { code, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

function sink(columns) {
  const chunks = []
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(chunk)
      done()
    },
  })
  stream.text = () => Buffer.concat(chunks).toString('utf8')
  if (columns === undefined) return stream
  const { getColorDepth, hasColors } = WriteStream.prototype
  return Object.assign(stream, { isTTY: true, columns, getColorDepth, hasColors })
}
