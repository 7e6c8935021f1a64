/** How far long work has come, as it is drawn. */
import { PassThrough } from 'node:stream'
import { createProgress } from '../../src/cli/progress.js'
import { widthOf } from '../../src/cli/text.js'

function terminal(columns: number, isTTY = true) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns })
  return { stream, text: () => String(stream.read() ?? '') }
}

describe('progress', () => {
  it('is a bar where it is known of how much, and takes itself away', () => {
    const { stream, text } = terminal(80)
    const progress = createProgress('rows', stream)
    progress.at(2_500, 10_000)
    expect(text()).toBe('\r\u001b[K[#####---------------] 25 % 2,500/10,000 rows')
    progress.at(10_000, 10_000)
    expect(text()).toContain('[####################] 100 %')
    progress.end()
    expect(text()).toBe('\r\u001b[K')
    progress.end()
    expect(text()).toBe('')
  })

  it('is not drawn more often than can be seen', () => {
    const { stream, text } = terminal(80)
    const progress = createProgress('rows', stream)
    progress.at(1, null)
    text()
    progress.at(2, null)
    expect(text()).toBe('')
  })

  it('is never wider than the terminal, so that no line of it stays', () => {
    for (const columns of [20, 40]) {
      const { stream, text } = terminal(columns)
      createProgress('keys of a long name', stream).at(123_456, 9_999_999)
      expect(widthOf(text().slice(4))).toBeLessThan(columns)
    }
  })

  it('is nothing where it is no terminal', () => {
    const { stream, text } = terminal(80, false)
    const progress = createProgress('rows', stream)
    progress.at(1, 1)
    progress.end()
    expect(text()).toBe('')
  })
})
