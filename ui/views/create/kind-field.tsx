import type { KindConfig } from '../../../src/client/index.js'
import { Choice, Group } from '../../parts/field.js'
import { t } from '../../text.js'
import { useViewer } from '../../viewer.js'

interface KindFieldProps {
  readonly value: string
  readonly onChange: (kind: KindConfig) => void
}

/** Which kind of key, where the app has several. */
export function KindField({ value, onChange }: KindFieldProps) {
  const { kinds } = useViewer()
  return (
    <div class="section">
      <Group label={t('form.kind')}>
        {kinds.map(kind => (
          <Choice
            key={kind.name}
            type="radio"
            name="kind"
            checked={kind.name === value}
            onChange={() => onChange(kind)}
            hint={t('form.kindHint', { prefix: `${kind.prefix}_` })}
          >
            <bdi>{kind.name}</bdi>
          </Choice>
        ))}
      </Group>
    </div>
  )
}
