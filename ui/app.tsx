/** The page: who looks at it first, then the view that its address asks for. */
import { useEffect, useMemo } from 'preact/hooks'
import type { KeyConfig } from '../src/client/index.js'
import { client } from './api/client.js'
import { startedEarly } from './api/early.js'
import type { Failure } from './api/failure.js'
import { type Loaded, useLoad } from './api/use-load.js'
import { GateDialog, GateView } from './gate.js'
import { Layout } from './layout.js'
import { ButtonLink } from './parts/button.js'
import { Guard } from './parts/guard.js'
import { passNotice } from './parts/notice.js'
import { Empty, WhenLoaded } from './parts/states.js'
import { View } from './parts/view.js'
import { hashOf, type Route } from './router.js'
import { pageTitle, t } from './text.js'
import { useRoute } from './use-route.js'
import { useViewer, ViewerProvider } from './viewer.js'
import { EditView } from './views/edit-view.js'
import { KeyView } from './views/key/key-view.js'
import { VIEWS } from './views.js'

const readConfig = startedEarly(signal => client.config({}, signal && { signal }))

export function App() {
  const config = useLoad(readConfig, [])
  const route = useRoute()
  // A page that the browser has kept may be that of somebody who has logged out since.
  useEffect(() => onReturn(config.reload), [])
  const isShut = isGate(config.failure)
  return (
    <ViewerProvider value={config.data}>
      <Layout route={route} actor={config.data?.actor ?? null}>
        {isShut ? <GateView onRetry={config.reload} /> : <PageView config={config} route={route} />}
      </Layout>
      {!isShut && <GateDialog />}
    </ViewerProvider>
  )
}

interface PageViewProps {
  readonly config: Loaded<KeyConfig>
  readonly route: Route
}

/** Until it is known who looks, there is a page without a view. */
function PageView({ config, route }: PageViewProps) {
  if (config.data !== null)
    return (
      <Guard key={`${config.data.actor.id} ${placeOf(route)}`}>
        <RoutedView route={route} />
      </Guard>
    )
  return (
    <View title={route.view === 'keys' ? t('keys.title') : pageTitle}>
      <WhenLoaded of={config}>{() => null}</WhenLoaded>
    </View>
  )
}

function RoutedView({ route }: { readonly route: Route }) {
  const { actor } = useViewer()
  useEffect(passNotice, [])
  const entry = useMemo(
    () => VIEWS.find(({ view, isFor }) => view === route.view && isFor(actor)),
    [route.view],
  )
  if (route.view === 'key') return <KeyView id={route.id} />
  if (route.view === 'edit') return <EditView id={route.id} />
  if (entry === undefined) return <NoSuchView />
  return <entry.component query={route.query} />
}

function NoSuchView() {
  return (
    <View title={t('page.notFound')}>
      <Empty title={t('page.notFoundHint')} icon="info">
        <ButtonLink href={hashOf('keys')}>{t('page.toKeys')}</ButtonLink>
      </Empty>
    </View>
  )
}

/** Tells when the viewer comes back to a page that was kept whole. */
function onReturn(listener: () => void): () => void {
  const told = (event: PageTransitionEvent) => event.persisted && listener()
  addEventListener('pageshow', told)
  return () => removeEventListener('pageshow', told)
}

/** Another place is another view, with a state of its own; another query is the same one. */
function placeOf(route: Route): string {
  return 'id' in route ? `${route.view} ${route.id}` : route.view
}

function isGate(failure: Failure | null): boolean {
  return failure?.kind === 'session' || failure?.kind === 'reauthenticate'
}
