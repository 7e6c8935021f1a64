import type { ComponentChildren } from 'preact'
import { Icon } from '../parts/icon.js'
import { hashOf } from '../router.js'
import { t } from '../text.js'

/** The way back to what a view is a part of. */
export function Back({ href, children }: { readonly href: string; readonly children: ComponentChildren }) {
  return (
    <a class="back" href={href}>
      <Icon name="back" />
      {children}
    </a>
  )
}

/** The way back to the list of keys. */
export function KeysBack() {
  return <Back href={hashOf('keys')}>{t('key.back')}</Back>
}
