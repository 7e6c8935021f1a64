/**
 * How often fast-check tries a property: `usual` times, or fewer where `SIDEKEY_RUNS` says so, as for mutation tests, which try
 * each hundreds of times over.
 */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: Math.min(usual, Number(process.env.SIDEKEY_RUNS ?? usual)) }
}
