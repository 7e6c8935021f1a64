/** What the page says of a failure. */
import { t, tMaybe } from '../text.js'
import type { Failure } from './failure.js'

export interface FailureText {
  readonly title: string
  readonly hint: string | null
}

/** In the page's words, where there are some for the code; else as the server says it. */
export function failureText({ kind, code, detail, retryAfter }: Failure): FailureText {
  switch (kind) {
    case 'network':
      return navigator.onLine
        ? { title: t('failure.unreachable'), hint: t('failure.unreachableHint') }
        : { title: t('failure.offline'), hint: t('failure.offlineHint') }
    case 'unavailable':
      return { title: tMaybe(`error.${code}`) ?? t('failure.unavailable'), hint: waitText(retryAfter) }
    case 'unexpected':
      return { title: t('failure.unexpected'), hint: t('failure.unexpectedHint', { code }) }
    case 'session':
      return { title: t('session.title'), hint: t('session.ended') }
    case 'reauthenticate':
      return { title: t('reauthenticate.title'), hint: t('reauthenticate.why') }
    default:
      return { title: tMaybe(`error.${code}`) ?? (detail || t('failure.title')), hint: null }
  }
}

function waitText(seconds: number | null): string {
  return seconds === null ? t('failure.unavailableHint') : t('failure.unavailableFor', { seconds })
}
