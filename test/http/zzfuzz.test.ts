import fc from 'fast-check'
import express5 from 'express'
import express4 from 'express4'
import { draft } from './fuzz-requests.js'
import { openWorld, serve } from './fuzz-world.js'
import { STORES } from '../support/stores.js'
it('t', async () => {
  let t = performance.now()
  const hs = fc.sample(fc.array(draft, { minLength: 1, maxLength: 60, size: 'max' }), { numRuns: 60, seed: 268183616 })
  const n = hs.flat().length
  console.log('gen', performance.now() - t, n)
  const labels: string[][] = []
  for (const e of [express5, express4 as never]) {
    const server = await serve(e)
    const out: string[] = []
    let tw = 0, ts = 0, slow: any[] = []
    for (const h of hs) {
      t = performance.now()
      const world = await openWorld((await STORES[0]!.open()).store)
      tw += performance.now() - t
      server.enter(world)
      for (const d of h) {
        t = performance.now()
        const raw = server.fill(d)
        const a = await server.send(raw)
        const dt = performance.now() - t
        ts += dt
        slow.push([dt, d.method, d.framing, d.body.length, a?.status])
        out.push(JSON.stringify([d.method, d.mount, d.path, d.query, d.headers, d.body.slice(0,80)]) + ' => ' + (a ? `${a.status} ${a.reached} ${/"code":"(\w+)"/.exec(a.text)?.[1]}` : 'cut'))
      }
    }
    console.log('world', tw, 'send', ts, slow.sort((a, b) => b[0] - a[0]).slice(0, 8), slow[Math.floor(slow.length/2)])
    labels.push(out)
    server.close()
  }
  let k = 0
  const node: Record<string, number> = {}
  for (let i = 0; i < n; i++) {
    if (labels[0]![i] !== labels[1]![i] && k++ < 12) console.log(labels[0]![i] + '\n' + labels[1]![i])
  }
  console.log(labels[0]!.filter(l => /=> \d+ false/.test(l)).slice(0, 25).join('\n'))
}, 60000)
