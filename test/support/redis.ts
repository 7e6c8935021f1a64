/** A real Redis: that of `REDIS_URL`, or one of the test's own by the `redis-server` that is there, or Debian's. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'

/** How long opening may take where the package is installed first, in ms. */
export const REDIS_TIMEOUT_MS = 120_000

export interface TestRedis {
  readonly url: string
  stop(): void
}

/** @throws Error where there is none and none can be installed, saying what to do. */
export async function openRedis(): Promise<TestRedis> {
  const { REDIS_URL } = process.env
  if (REDIS_URL !== undefined) return { url: REDIS_URL, stop() {} }
  if (!isThere() && !isInstalled()) {
    throw new Error(
      'This test needs Redis: install it ("apt-get install redis-server"), or name one by REDIS_URL.',
    )
  }
  const port = await freePort()
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  )
  const url = `redis://127.0.0.1:${port}`
  await answering(url, server)
  return { url, stop: () => void server.kill() }
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 50 })
  client.on('error', () => {}) // it is not there yet
  server.once('exit', () => client.disconnect())
  try {
    await client.connect().catch(() => once(client, 'ready'))
    await client.ping()
  } finally {
    client.disconnect()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  server.close()
  await once(server, 'close')
  return port
}

function isThere(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0
}

/** Debian's package, where this may install one. */
function isInstalled(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'redis-server']]) {
    spawnSync('apt-get', ['-qq', ...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  return isThere()
}
