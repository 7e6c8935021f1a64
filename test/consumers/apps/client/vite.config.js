/** Without the polyfill, which wants a document: the bundle is run by Node too. */
export default { build: { modulePreload: { polyfill: false } } }
