import { Icon } from '../parts/icon.js'
import { hashOf } from '../router.js'
import { t } from '../text.js'

/** The way back to the list of keys. */
export function KeysBack() {
  return (
    <a class="back" href={hashOf('keys')}>
      <Icon name="back" />
      {t('key.back')}
    </a>
  )
}
