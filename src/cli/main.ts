#!/usr/bin/env node
/** The process of the program `sidekey`. */
import { EXIT } from './exit.js'
import { run } from './run.js'

// Whoever reads has gone (`sidekey list | head`): nothing is left to be said.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed)
  })
}

// An app's config may hold connections that would keep the process alive.
process.exit(await run(process.argv.slice(2), process))
