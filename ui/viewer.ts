/** Who looks at the page, and what they may do. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { KeyConfig } from '../src/client/index.js'

const Viewer = createContext<KeyConfig | null>(null)
export const ViewerProvider = Viewer.Provider

/** What `GET /config` says. Every view is shown only once it is there. */
export function useViewer(): KeyConfig {
  const config = useContext(Viewer)
  if (config === null) throw new Error('A view was rendered outside of the page')
  return config
}
