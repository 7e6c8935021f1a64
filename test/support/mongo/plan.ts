/** How a server says that it answers a query, read from its `explain`, whichever server it is. */
type Node = { readonly [name: string]: unknown }

export interface Plan {
  /** The steps, outermost first: `LIMIT`, `IXSCAN` on MongoDB, `Limit`, `Bitmap Index Scan` on FerretDB. */
  readonly steps: readonly string[]
  readonly indexes: readonly string[]
}

export function readPlan(explained: unknown): Plan {
  const steps: string[] = []
  const indexes: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one)
    if (!isNode(value)) return
    const { stage, indexName, rejectedPlans, 'Node Type': type, 'Index Name': index, ...rest } = value
    for (const step of [stage, type]) if (typeof step === 'string') steps.push(step)
    for (const name of [indexName, index]) if (typeof name === 'string') indexes.push(name)
    // FerretDB walks `_id_` to read a whole collection: then nothing but the shard is in the condition.
    if (index === '_id_' && !String(value['Index Cond']).includes('object_id')) steps.push('COLLSCAN')
    for (const one of Object.values(rest)) visit(one)
  }
  visit((explained as Node).queryPlanner) // every explain is an object that has one
  return { steps, indexes: [...new Set(indexes)] }
}

/** Whether every document is reached by an index: no step reads the whole collection. */
export function servedByIndex({ steps, indexes }: Plan): boolean {
  const scans = steps.some(step => step === 'COLLSCAN' || step === 'Seq Scan')
  const byId = steps.some(step => step === 'IDHACK' || step.startsWith('EXPRESS'))
  return !scans && (indexes.length > 0 || byId)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
