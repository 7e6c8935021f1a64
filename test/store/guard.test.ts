import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { guardFor } from '../../src/store/mongoose/guard.js'

/** What a socket tells of a write after its other end has gone. */
async function writeToAClosedSocket(): Promise<void> {
  const server = createServer(socket => socket.end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const socket: Socket = connect(port, '127.0.0.1')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('end', () =>
        setImmediate(() => socket.write('late', error => (error ? reject(error) : resolve()))),
      )
      socket.resume()
    })
  } finally {
    socket.destroy()
    server.close()
  }
}

it('tells the error of a socket, which the driver does not always wrap, as a store that is away', async () => {
  await expect(writeToAClosedSocket()).rejects.toMatchObject({ code: 'EPIPE' })
  await expect(guardFor(1_000)(writeToAClosedSocket)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    cause: { code: 'EPIPE' },
  })
})

it('hands on what is neither the database nor its socket', async () => {
  const ours = Object.assign(new Error('ours'), { code: 'EXPIRED' })
  await expect(guardFor(1_000)(() => Promise.reject(ours))).rejects.toBe(ours)
})
