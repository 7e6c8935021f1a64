import type { ComponentChildren } from 'preact'
import type { KeyConfig } from '../src/client/index.js'
import { settings, timeZone } from './page.js'
import { Icon } from './parts/icon.js'
import { NoticeRegion } from './parts/notice.js'
import { useOnline } from './parts/use-external.js'
import { hashOf, type Route } from './router.js'
import { pageTitle, t } from './text.js'
import { VIEWS } from './views.js'

interface LayoutProps {
  readonly route: Route
  /** `null`: not known yet. */
  readonly actor: KeyConfig['actor'] | null
  readonly children: ComponentChildren
}

/** What stands around every view. */
export function Layout({ route, actor, children }: LayoutProps) {
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {t('page.skip')}
      </button>
      <header class="page-head">
        <div class="page-head-inner">
          <a class="brand" href={hashOf('keys')}>
            {settings.logo !== undefined && <img src={settings.logo} alt="" height="28" />}
            <bdi>{pageTitle}</bdi>
          </a>
          {actor !== null && <Navigation route={route} actor={actor} />}
          <AppLinks />
        </div>
      </header>
      <main id="content" tabIndex={-1} class="page-main">
        <OfflineBanner />
        <NoticeRegion />
        {children}
      </main>
      <footer class="page-foot muted">{t('page.zone', { zone: timeZone })}</footer>
    </>
  )
}

/** A link to `#content` would be taken for a view. */
function skip(): void {
  document.getElementById('content')?.focus()
}

/** Where there is one way alone, nothing is to be chosen. */
function Navigation({ route, actor }: { readonly route: Route; readonly actor: KeyConfig['actor'] }) {
  const entries = VIEWS.filter(({ label, isFor }) => label !== undefined && isFor(actor))
  if (entries.length < 2) return null
  return (
    <nav class="nav" aria-label={t('page.navigation')}>
      <ul>
        {entries.map(({ view, label = 'nav.keys' }) => (
          <li key={view}>
            <a href={hashOf(view)} aria-current={view === route.view ? 'page' : undefined}>
              {t(label)}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function AppLinks() {
  const { links = [] } = settings
  if (links.length === 0) return null
  return (
    <nav class="nav app-links" aria-label={t('page.links')}>
      <ul>
        {links.map(({ label, href }) => (
          <li key={href}>
            <a href={href}>
              <bdi>{label}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function OfflineBanner() {
  const online = useOnline()
  return (
    <div role="status">
      {!online && (
        <div class="note note-warning">
          <Icon name="offline" />
          <p class="note-text">{t('offline.banner')}</p>
        </div>
      )}
    </div>
  )
}
