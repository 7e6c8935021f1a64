import { View } from '../../parts/view.js'
import { t } from '../../text.js'

export function CreateView() {
  return <View title={t('keys.create')}>{null}</View>
}
