#!/usr/bin/env node
/** The process of the program `sidekey`. */
import { EXIT } from './exit.js'
import { run } from './run.js'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads has gone (`sidekey list | head`): nothing is left to be said.
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(`error: the answer could not be written: ${error.code}\n`)
  process.exit(EXIT.failed)
})
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed)
})

// An app's config may hold connections that would keep the process alive.
process.exit(await run(process.argv.slice(2), process))
