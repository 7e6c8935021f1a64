/** The views: for whom they are, what they are called in the navigation, and their code, which is loaded when it is needed. */
import type { ComponentType } from 'preact'
import type { KeyConfig } from '../src/client/index.js'
import { managesOrganization } from './access.js'
import type { MessageKey } from './messages.js'
import type { PlainView, Query } from './router.js'
import { CreateView } from './views/create/create-view.js'
import { OwnKeysView } from './views/own-keys.js'

export interface ViewProps {
  readonly query: Query
}

interface ViewEntry {
  readonly view: PlainView
  /** Its name in the navigation; without one it is reached from elsewhere. */
  readonly label?: MessageKey
  readonly isFor: (actor: KeyConfig['actor']) => boolean
  readonly component: ComponentType<ViewProps>
}

const everyone = () => true
export const admins = ({ admin }: KeyConfig['actor']) => admin
export const managers = (actor: KeyConfig['actor']) => actor.admin || managesOrganization(actor)

/** In the order of the navigation. */
export const VIEWS: readonly ViewEntry[] = [
  { view: 'keys', label: 'nav.keys', isFor: everyone, component: OwnKeysView },
  { view: 'new', isFor: everyone, component: CreateView },
]
