/** Tokens masked in logs: for pino, winston, and whatever else. */
export { type RedactOptions, redact } from '../key/redact.js'
export { type PinoHooks, pinoOptions } from './pino.js'
export { redactValue } from './value.js'
export { type WinstonFormat, winstonFormat } from './winston.js'
