// Starts the demo: on MongoDB where MONGODB_URI is set, else in this process's memory.
import { randomBytes } from 'node:crypto'
import { memoryStore } from 'sidekey'
import { createApp } from './app.js'
import { tour } from './tour.js'

const { store, described } = await openStore(process.env.MONGODB_URI)
const app = createApp({ sessionSecret: process.env.SESSION_SECRET ?? randomBytes(32).toString('hex'), store })
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', error => {
  if (error) {
    console.error(`The demo could not start: ${error.message}. Set PORT to a free port.`)
    process.exitCode = 1
    return
  }
  console.log(tour(`http://127.0.0.1:${server.address().port}`, described))
})

async function openStore(uri) {
  if (!uri)
    return {
      store: memoryStore(),
      described: 'in memory: keys are gone when the demo stops (set MONGODB_URI to keep them)',
    }
  const { default: mongoose } = await import('mongoose')
  const { mongooseStore } = await import('sidekey/mongoose')
  await mongoose.connect(uri, { serverSelectionTimeoutMS: 5000 })
  return {
    store: mongooseStore(mongoose.connection),
    described: `in MongoDB, database ${mongoose.connection.name}, collections sidekey_*`,
  }
}
