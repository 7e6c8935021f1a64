/** Tokens in what real loggers write. */
import { Writable } from 'node:stream'
import fc from 'fast-check'
import pino from 'pino'
import { pinoOptions, type RedactOptions, redact, redactValue, winstonFormat } from 'sidekey/logs'
import winston from 'winston'

const SECRET = 'S'.repeat(49)
const START = `acme_live_${'0'.repeat(16)}_`
const TOKEN = START + SECRET
const MASKED = `${START}[redacted]`

/** What is logged, in all the ways in which a token comes into a log. */
const failure = Object.assign(new Error(`failed for ${TOKEN}`, { cause: new Error(TOKEN) }), {
  detail: TOKEN,
})
const FIELDS = {
  token: TOKEN,
  request: { headers: { authorization: `Bearer ${TOKEN}` }, url: `/x?key=${TOKEN}&y=1` },
  list: [1, [TOKEN, { deep: TOKEN }]],
  [TOKEN]: 'as a name',
  err: failure,
  other: 'stays',
}

/** Collects what is written. */
function sink() {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => lines.join('') }
}

describe('pino', () => {
  it.each<[string, (logger: pino.Logger) => void]>([
    ['a message', logger => logger.info(`used ${TOKEN}`)],
    ['arguments of a message', logger => logger.info('used %s and %o', TOKEN, { token: TOKEN })],
    ['fields, however deep', logger => logger.info(FIELDS, 'm')],
    ['an error', logger => logger.error(failure)],
    ['the bindings of a child', logger => logger.child({ token: TOKEN }).info('m')],
  ])('writes no secret of %s', (_, log) => {
    const { stream, text } = sink()
    log(pino(pinoOptions({ level: 'trace' }), stream))
    expect(text()).toContain(MASKED)
    expect(text()).not.toContain('SSSS')
    expect(() =>
      text()
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).not.toThrow()
  })

  it('keeps the hooks that there are', () => {
    const { stream, text } = sink()
    const hooks = { streamWrite: (line: string) => line.replace('here', TOKEN) }
    pino(pinoOptions({ hooks }), stream).info('here')
    expect(text()).toContain(MASKED)
    expect(text()).not.toContain('SSSS')
  })
})

describe('winston', () => {
  const { combine, json, simple, errors, splat, timestamp } = winston.format
  const FORMATS = {
    'json, then ours': combine(errors({ stack: true }), json(), winstonFormat()),
    'ours, then json': combine(errors({ stack: true }), winstonFormat(), json()),
    'splat, ours, then simple': combine(splat(), timestamp(), winstonFormat(), simple()),
  }

  describe.each(Object.entries(FORMATS))('with %s', (_, format) => {
    it.each<[string, (logger: winston.Logger) => void]>([
      ['a message', logger => logger.info(`used ${TOKEN}`)],
      ['fields, however deep', logger => logger.info('m', FIELDS)],
      ['an error', logger => logger.error(failure)],
      ['the fields of a child', logger => logger.child({ token: TOKEN }).info('m')],
    ])('writes no secret of %s', (__, log) => {
      const { stream, text } = sink()
      log(winston.createLogger({ format, transports: [new winston.transports.Stream({ stream })] }))
      expect(text()).toContain(START)
      expect(text()).not.toContain('SSSS')
    })
  })

  it('changes nothing of what the app has logged', () => {
    const { stream } = sink()
    const format = combine(winstonFormat(), json())
    const mine = { deep: { token: TOKEN } }
    winston.createLogger({ format, transports: [new winston.transports.Stream({ stream })] }).info('m', mine)
    expect(mine).toEqual({ deep: { token: TOKEN } })
  })
})

describe('a value', () => {
  it('is masked in each string, and is otherwise the same', () => {
    expect(redactValue(FIELDS)).toMatchObject({
      token: MASKED,
      request: { headers: { authorization: `Bearer ${MASKED}` }, url: `/x?key=${MASKED}&y=1` },
      list: [1, [MASKED, { deep: MASKED }]],
      [MASKED]: 'as a name',
      other: 'stays',
    })
    const { err } = redactValue(FIELDS)
    expect(err).toBeInstanceOf(Error)
    expect([err.message, (err.cause as Error).message, err.detail]).toEqual([
      `failed for ${MASKED}`,
      MASKED,
      MASKED,
    ])
    expect(err.stack).not.toContain('SSSS')
  })

  it('is masked however deep it is, and what is too deep is left out', () => {
    const nested = (levels: number): object => (levels === 0 ? { token: TOKEN } : { a: nested(levels - 1) })
    expect(JSON.stringify(redactValue(nested(60)))).toContain(MASKED)
    for (const levels of [60, 99, 100, 101, 500]) {
      expect(JSON.stringify(redactValue(nested(levels)))).not.toContain('SSSS')
    }
  })

  it('that is several errors in one keeps them, masked', () => {
    const { errors } = redactValue(new AggregateError([new Error(TOKEN)], TOKEN))
    expect(errors.map(({ message }: Error) => message)).toEqual([MASKED])
  })

  it('may lead back to itself', () => {
    const loop: Record<string, unknown> = { token: TOKEN }
    loop.self = loop
    const copy = redactValue(loop)
    expect(copy.self).toBe(copy)
    expect(copy.token).toBe(MASKED)
  })

  it('without tokens is the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(redactValue(value)).toEqual(value)
      }),
    )
  })
})

describe('tokens that another system has made', () => {
  const OLD = `ba_${'q'.repeat(64)}`
  const patterns = [/(?<=\bba_)[A-Za-z]{64}/, /\b\d+\|[A-Za-z0-9]{40,}/y]
  const text = `${OLD} 7|${'q'.repeat(48)} ${TOKEN} ${OLD}`
  const masked = `ba_[redacted] [redacted] ${MASKED} ba_[redacted]`

  it('are not known by themselves', () => {
    expect(redact(OLD)).toBe(OLD)
  })

  it('are masked by patterns of the app’s own, wherever tokens of ours are', () => {
    for (let i = 0; i < 2; i++) expect(redact(text, { patterns })).toBe(masked)
    expect(redactValue({ a: [text] }, { patterns })).toEqual({ a: [masked] })
    const { stream, text: written } = sink()
    pino(pinoOptions({}, { patterns }), stream).info({ a: text }, 'm')
    const format = winston.format.combine(winston.format.json(), winstonFormat({ patterns }))
    const transports = [new winston.transports.Stream({ stream })]
    winston.createLogger({ format, transports }).info('m', { a: text })
    expect(written().split(masked)).toHaveLength(3)
    expect(written()).not.toContain('qqqq')
  })

  it.each([[{}], [['x']], ['x'], [/x/]])('are not told by %j', wrong => {
    const options = { patterns: wrong } as unknown as RedactOptions
    for (const use of [
      () => redact('x', options),
      () => winstonFormat(options),
      () => pinoOptions({}, options),
    ])
      expect(use).toThrow('patterns: takes a list of regular expressions')
  })
})
