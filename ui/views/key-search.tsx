/** The search field over keys: by name, as it is typed; what looks like a token is looked up by itself, in a body. */
import { useEffect, useState } from 'preact/hooks'
import { client } from '../api/client.js'
import { useAct } from '../api/use-act.js'
import { Button } from '../parts/button.js'
import { FailureNote } from '../parts/failure-note.js'
import { TextField } from '../parts/field.js'
import { keyHash } from '../router.js'
import { t } from '../text.js'
import { looksLikeToken } from '../token-shape.js'
import { go } from '../use-route.js'
import { useViewer } from '../viewer.js'

/** How long typing must rest, in ms. */
const REST_MS = 300

interface KeySearchProps {
  readonly value: string
  readonly onSearch: (name: string) => void
}

export function KeySearch({ value, onSearch }: KeySearchProps) {
  const { kinds } = useViewer()
  const [text, setText] = useState(value)
  const [unknown, setUnknown] = useState(false)
  const isToken = looksLikeToken(
    text.trim(),
    kinds.map(({ prefix }) => prefix),
  )
  const lookup = useAct(
    () => client.lookup(text.trim()),
    found => {
      if (found === null) return setUnknown(true)
      setText('')
      go(keyHash(found.id))
    },
  )

  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (isToken) return
    const timer = window.setTimeout(() => onSearch(asName(text)), REST_MS)
    return () => window.clearTimeout(timer)
  }, [text, isToken])

  return (
    <search class="search">
      <form
        onSubmit={event => {
          event.preventDefault()
          if (isToken) lookup.run()
          else onSearch(asName(text))
        }}
      >
        <TextField
          label={t('keys.search')}
          type="search"
          maxLength={200}
          value={text}
          onInput={next => {
            setText(next)
            setUnknown(false)
          }}
          fault={unknown ? t('keys.tokenUnknown') : null}
        />
        {isToken && (
          <div class="note note-warning" role="status">
            <div>
              <p>{t('keys.looksLikeToken')}</p>
              <Button type="submit" working={lookup.working}>
                {t('keys.findToken')}
              </Button>
            </div>
          </div>
        )}
        <FailureNote failure={lookup.failure} />
      </form>
    </search>
  )
}

/** A name has no more than 100 characters, and neither has what is searched by. */
function asName(text: string): string {
  return text.trim().slice(0, 100)
}
