import { View } from '../parts/view.js'

export function EditView({ id }: { readonly id: string }) {
  return <View title={id}>{null}</View>
}
