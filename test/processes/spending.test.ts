/** Real processes that spend the credits of one key: together exactly what there is, and killed never less than they were told. */
import type { ChildProcess } from 'node:child_process'
import { type ApiKeys, apiKeys } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { quiet } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { build, type Program } from './run.js'
import { ASKED, GRANTED, REFUSED } from './spending-letters.js'
import type { Order, Tells } from './spending-process.js'

const PROCESSES = 4

let program: Program
let database: TestDatabase
let keys: ApiKeys

beforeAll(async () => {
  program = build('spending-process.ts')
  database = await openDatabase()
  const store = mongooseStore(database.connection)
  await store.ready()
  keys = apiKeys({ prefix: 'acme_test', store, logger: quiet })
})

afterAll(async () => {
  await keys.close()
  program.remove()
  await database.drop()
})

async function orderFor(
  balance: number,
  order: Pick<Order, 'cost' | 'atOnce' | 'diesAfter'>,
): Promise<Order> {
  const made = await keys.create({ name: 'k', owner: { id: 'alice' }, credits: { balance } })
  const { id, credits } = made.apiKey
  return { uri: database.uri, database: database.name, key: { id, credits }, ...order }
}

const balanceOf = async ({ key }: Order) => (await keys.get(key.id))?.credits?.balance ?? -1

/** The next thing that a process tells. */
function told(child: ChildProcess): Promise<Tells> {
  return new Promise((done, failed) => {
    child.once('message', done)
    child.once('exit', code => failed(new Error(`it ended by itself: ${code}`)))
  })
}

/** How much each of some processes has spent, which begin at once and end when nothing is left for them. */
async function spendAtOnce(order: Order): Promise<number[]> {
  const children = Array.from({ length: PROCESSES }, () => program.fork(order))
  await Promise.all(children.map(told))
  const ended = children.map(told)
  for (const child of children) child.send('go')
  const ends = await Promise.all(ended)
  return ends.map(one => {
    if ('ready' in one) throw new Error('it began twice')
    expect(one.least).toBeGreaterThanOrEqual(0)
    return one.granted
  })
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

it('four processes at once spend exactly what there is', async () => {
  const order = await orderFor(1000, { cost: 1, atOnce: 16, diesAfter: null })
  const spent = await spendAtOnce(order)
  expect(sum(spent)).toBe(1000)
  for (const one of spent) expect(one).toBeGreaterThan(0)
  expect(await balanceOf(order)).toBe(0)
}, 30_000)

it('what is less than the cost of a request is left', async () => {
  const order = await orderFor(1000, { cost: 7, atOnce: 8, diesAfter: null })
  expect(sum(await spendAtOnce(order))).toBe(994)
  expect(await balanceOf(order)).toBe(6)
}, 30_000)

it('processes that are killed with requests in the air have spent what they were told, and no more than they asked for', async () => {
  const [start, cost] = [3000, 3]
  const order = await orderFor(start, { cost, atOnce: 12, diesAfter: 0 })
  let [asked, granted] = [0, 0]
  for (const round of [1, 2, 3, 4]) {
    const deaths = [round, 7 * round, 13 * round]
    const wrote = await Promise.all(deaths.map(diesAfter => program.runUntilKilled({ ...order, diesAfter })))
    const letters = wrote.join('')
    const count = (letter: string) => letters.split(letter).length - 1
    expect(count(REFUSED)).toBe(0)
    asked += count(ASKED) * cost
    granted += count(GRANTED) * cost
    const spent = start - (await balanceOf(order))
    expect(spent).toBeGreaterThanOrEqual(granted)
    expect(spent).toBeLessThanOrEqual(asked)
  }
  expect(granted).toBeGreaterThan(0)
  expect(asked).toBeGreaterThan(granted)
  const rest = sum(await spendAtOnce({ ...order, diesAfter: null }))
  expect(granted + rest).toBeLessThanOrEqual(start)
  expect(asked + rest).toBeGreaterThanOrEqual(start)
  expect(await balanceOf(order)).toBe(0)
}, 60_000)

it('a refund is done once, however many ask for it at once and again', async () => {
  const order = await orderFor(0, { cost: 1, atOnce: 4, diesAfter: null })
  const stores = [1, 2, 3, 4].map(() => mongooseStore(database.connection))
  const others = stores.map(store => apiKeys({ prefix: 'acme_test', store, logger: quiet }))
  const refunds = others.flatMap(one =>
    [1, 2, 3].map(() => one.credits.refund(order.key.id, 5, { ref: 'r' })),
  )
  const answers = await Promise.all(refunds)
  expect(new Set(answers.map(({ balance }) => balance))).toEqual(new Set([5]))
  expect(sum(await spendAtOnce(order))).toBe(5)
  await keys.credits.refund(order.key.id, 5, { ref: 'r' })
  expect(await balanceOf(order)).toBe(0)
  await Promise.all(others.map(one => one.close()))
}, 30_000)
