/** What was done, told once over the view and to screen readers, until the viewer goes on. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { t } from '../text.js'
import { Button } from './button.js'
import { Icon } from './icon.js'
import { rescueFocus } from './lost-focus.js'
import { useSyncExternal } from './use-external.js'

interface Notice {
  readonly text: ComponentChildren
  readonly action?: { readonly label: string; readonly run: () => void }
}

let notice: Notice | null = null
/** A notice outlives the way to the view that it is told on, and goes with the next one. */
let ways = 0
const listeners = new Set<() => void>()

/** Tells that something was done. */
export function tell(text: ComponentChildren, action?: Notice['action']): void {
  ways = 1
  set(action === undefined ? { text } : { text, action })
}

/** The viewer has gone to another view. */
export function passNotice(): void {
  if (ways-- <= 0) set(null)
}

/** No way lies between what was done and where it is told. */
export function tellHere(text: ComponentChildren, action?: Notice['action']): void {
  tell(text, action)
  ways = 0
}

export function NoticeRegion() {
  const shown = useSyncExternal(subscribe, () => notice)
  useEffect(rescueFocus, [shown])
  return (
    <div role="status" class="notice-region">
      {shown !== null && (
        <div class="note note-ok">
          <Icon name="check" />
          <p class="note-text">{shown.text}</p>
          {shown.action !== undefined && <Button onClick={shown.action.run}>{shown.action.label}</Button>}
          <Button look="quiet" label={t('action.dismiss')} onClick={() => set(null)}>
            <Icon name="close" />
          </Button>
        </div>
      )}
    </div>
  )
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function set(next: Notice | null): void {
  notice = next
  for (const listener of listeners) listener()
}
