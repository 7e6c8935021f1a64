/** Builds the page into `dist/ui`: files by hashed names, nothing inline, since the page's CSP allows none of it. */
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { messages } from './messages.js'

/** The app's theme comes after the page's own styles, and from the server: it is no file of the build. */
const themeLink: Plugin = {
  name: 'sidekey-theme-link',
  transformIndexHtml: {
    order: 'post',
    handler: () => [{ tag: 'link', attrs: { rel: 'stylesheet', href: './theme.css' }, injectTo: 'head' }],
  },
}

/** The names of the messages, by which the server checks those of an app. It is not served. */
const messageNames: Plugin = {
  name: 'sidekey-message-names',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'messages.json', source: JSON.stringify(messages, null, 2) })
  },
}

/** What there is to see without the page's own script. An app's text is put there by the server. */
const noScript: Plugin = {
  name: 'sidekey-no-script',
  transformIndexHtml: html =>
    html.replace('<noscript></noscript>', `<noscript>${messages['page.noScript']}</noscript>`),
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [themeLink, messageNames, noScript],
  build: {
    outDir: fileURLToPath(new URL('../dist/ui', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
})
