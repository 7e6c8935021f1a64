/** Where the focus goes when what had it is no longer there: to the heading of the view, not to the top of the document. */

let last: Element | null = null

addEventListener('focusin', event => {
  last = event.target instanceof Element ? event.target : null
})

/** Moves the focus to the heading, if what had it has left the document. */
export function rescueFocus(): void {
  const isLost = last !== null && !last.isConnected && document.activeElement === document.body
  if (isLost) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
}
