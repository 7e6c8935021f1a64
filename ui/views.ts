/** The views: for whom they are, what they are called in the navigation, and their code, which is loaded when it is needed. */
import type { ComponentType } from 'preact'
import type { KeyConfig } from '../src/client/index.js'
import type { MessageKey } from './messages.js'
import { lazy } from './parts/lazy.js'
import type { PlainView, Query } from './router.js'
import { administers, looksAfterKeys } from './views/admin/reach.js'
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

type Actor = KeyConfig['actor']
const everyone = () => true
const audits = (actor: Actor) => administers(actor, 'audit')
const revokes = (actor: Actor) => administers(actor, 'revoke')

const administration = () => import('./views/admin/index.js')

/** In the order of the navigation. */
export const VIEWS: readonly ViewEntry[] = [
  { view: 'keys', label: 'nav.keys', isFor: everyone, component: OwnKeysView },
  { view: 'new', isFor: everyone, component: CreateView },
  {
    view: 'all',
    label: 'nav.all',
    isFor: looksAfterKeys,
    component: lazy(() => administration().then(views => views.AllKeysView)),
  },
  {
    view: 'find',
    label: 'nav.find',
    isFor: looksAfterKeys,
    component: lazy(() => administration().then(views => views.FindView)),
  },
  {
    view: 'offboard',
    label: 'nav.offboard',
    isFor: revokes,
    component: lazy(() => administration().then(views => views.OffboardView)),
  },
  {
    view: 'audit',
    label: 'nav.audit',
    isFor: audits,
    component: lazy(() => administration().then(views => views.AuditView)),
  },
  {
    view: 'usage',
    label: 'nav.usage',
    isFor: audits,
    component: lazy(() => administration().then(views => views.UsageView)),
  },
]
