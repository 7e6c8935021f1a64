/**
 * Packages whose code is built into `dist` (scripts/bundle.mjs), since every import of `sidekey` loads them: an advisory of one is an
 * advisory of sidekey, and their licences come along in `dist/licences.txt`.
 */
export const BUILT_IN = ['ipaddr.js', 'lru-cache', 'ms', 'zod']
