import { lazy } from '../../parts/lazy.js'

/** How keys were used. The drawing of it comes in a file of its own, once somebody looks. */
export const UsageSection = lazy(async () => (await import('./usage-panel.js')).UsagePanel)
