/** Gives the focus to the view's heading: what had it is there no longer. */
export function focusHeading(): void {
  // After the dialog has closed, which gives the focus back to what had opened it.
  requestAnimationFrame(() => document.querySelector<HTMLElement>('main h1')?.focus())
}
