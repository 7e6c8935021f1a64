import { setTimeout as sleep } from 'node:timers/promises'
import { createLane } from '../../src/limit/lane.js'
import { refusalCode } from '../support/keys.js'

/** An operation that ends when it is told to. */
function held() {
  let end = () => {}
  let fail = (_: Error) => {}
  const promise = new Promise<void>((done, failed) => {
    end = done
    fail = failed
  })
  return { promise, end, fail }
}

it('has so many under way at once, and the others in the order in which they came', async () => {
  const lane = createLane(2, 1_000)
  const begun: number[] = []
  const operations = [0, 1, 2, 3, 4].map(() => held())
  const done = operations.map(({ promise }, n) =>
    lane(() => {
      begun.push(n)
      return promise
    }),
  )
  await sleep(1)
  expect(begun).toEqual([0, 1])
  operations[1]?.end()
  await done[1]
  await sleep(1)
  expect(begun).toEqual([0, 1, 2])
  operations[0]?.fail(new Error('no'))
  await expect(done[0]).rejects.toThrow('no')
  await sleep(1)
  expect(begun).toEqual([0, 1, 2, 3])
  for (const { end } of operations) end()
  await Promise.all(done.slice(1))
  expect(begun).toEqual([0, 1, 2, 3, 4])
})

it('lets nobody wait longer than it has patience, and none of those who gave up takes a turn', async () => {
  const lane = createLane(1, 20)
  const first = held()
  const under = lane(() => first.promise)
  const late = jest.fn(async () => {})
  expect(await refusalCode(lane(late))).toBe('STORE_UNAVAILABLE')
  first.end()
  await under
  expect(await lane(async () => 'next')).toBe('next')
  expect(late).not.toHaveBeenCalled()
})
