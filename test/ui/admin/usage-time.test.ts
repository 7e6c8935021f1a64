import { RANGES, rangeOf, timeOf, type UsageRange } from '../../../ui/views/admin/usage-time.js'
import { root, testKeys } from '../../support/keys.js'
import { clientOf } from './client.js'

describe('the time that is asked about', () => {
  it('is 30 days by day, unless the address says otherwise', () => {
    expect(rangeOf({})).toEqual({ range: '30', by: 'day' })
    expect(rangeOf({ range: '7', by: 'hour' })).toEqual({ range: '7', by: 'hour' })
    expect(rangeOf({ range: '90', by: 'hour' })).toEqual({ range: '90', by: 'day' })
    expect(rangeOf({ range: 'toString', by: 'x' })).toEqual({ range: '30', by: 'day' })
  })

  it('has no more periods than the API answers, and as many as it says', async () => {
    const { client } = clientOf(testKeys(), root)
    const now = new Date()
    for (const range of Object.keys(RANGES) as UsageRange[]) {
      for (const by of RANGES[range]) {
        const { data } = await client.usage({ all: true, ...timeOf({ range, by }, now, timeZone) })
        expect(data.length).toBeGreaterThan(0)
        if (by === 'day') expect(data).toHaveLength(Number(range))
        if (range === '1') expect(data).toHaveLength(24)
      }
    }
  })
})

const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
