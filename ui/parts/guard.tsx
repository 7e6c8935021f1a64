import type { ComponentChildren } from 'preact'
import { useErrorBoundary } from 'preact/hooks'
import { failureOf } from '../api/failure.js'
import { pageTitle } from '../text.js'
import { FailureNote } from './failure-note.js'
import { View } from './view.js'

/** A mistake of the page's own in a view takes that view away, not the page. */
export function Guard({ children }: { readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary(error => console.error(error))
  if (error === undefined) return <>{children}</>
  return (
    <View title={pageTitle}>
      <FailureNote failure={failureOf(error)} onRetry={reset} />
    </View>
  )
}
