import { startedEarly } from '../../ui/api/early.js'

afterEach(() => {
  jest.useRealTimers()
})

/** Answers how often it was asked. */
function counting() {
  let count = 0
  return jest.fn(async () => ++count)
}

describe('a read that is started early', () => {
  it('is asked once for who asks first, and anew for everyone after', async () => {
    const read = counting()
    const ask = startedEarly(read)
    expect(read).toHaveBeenCalledTimes(1)
    expect([await ask(), await ask(), await ask()]).toEqual([1, 2, 3])
  })

  it('is asked anew once it has failed: who logs in meanwhile is not told that they are not', async () => {
    const read = jest.fn(async () => 'list').mockRejectedValueOnce(new Error('401'))
    const ask = startedEarly(read)
    await expect(Promise.allSettled(read.mock.results.map(({ value }) => value))).resolves.toHaveLength(1)
    await expect(ask()).resolves.toBe('list')
  })

  it('tells of the failure who asks before it is known', async () => {
    const ask = startedEarly(jest.fn(async () => 'list').mockRejectedValueOnce(new Error('401')))
    await expect(ask()).rejects.toThrow('401')
  })

  it('is asked anew after a while: somebody else may look by then', async () => {
    jest.useFakeTimers()
    const read = counting()
    const ask = startedEarly(read)
    jest.advanceTimersByTime(5_001)
    await expect(ask()).resolves.toBe(2)
  })
})
