/** Load on a server of this process, from a process of its own: autocannon. */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { installPeers } from './peers.js'

export const AUTOCANNON = '9.0.0'
const NAME = `autocannon-${AUTOCANNON}`

/** What the load saw, and what it cost this process. */
export interface Load {
  readonly requests: number
  /** Processor time of this process, in ms. */
  readonly processorMs: number
  readonly seconds: number
}

/** Sends so many requests over some connections, each after the answer to the last; all must be answered with 200. */
export async function load(
  url: string,
  headers: Readonly<Record<string, string>>,
  { requests, connections }: { readonly requests: number; readonly connections: number },
): Promise<Load> {
  installPeers(NAME, { autocannon: AUTOCANNON })
  const program = join(resolve('bench/.peers', NAME), 'node_modules/autocannon/autocannon.js')
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const amounts = ['-a', String(requests), '-c', String(connections)]
  const before = process.cpuUsage()
  const output = await outputOf(process.execPath, [program, '--json', ...amounts, ...given, url])
  const { user, system } = process.cpuUsage(before)
  const told = JSON.parse(output) as { '2xx': number; errors: number; duration: number } // what --json prints
  if (told['2xx'] !== requests || told.errors > 0) throw new Error(`${url}: not all were answered: ${output}`)
  return { requests, processorMs: (user + system) / 1000, seconds: told.duration }
}

function outputOf(command: string, given: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'ignore'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', failed)
    child.on('close', code => {
      if (code === 0) done(Buffer.concat(chunks).toString())
      else failed(new Error(`autocannon ended with ${code}`))
    })
  })
}
