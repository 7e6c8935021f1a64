import { View } from '../../parts/view.js'

export function KeyView({ id }: { readonly id: string }) {
  return <View title={id}>{null}</View>
}
