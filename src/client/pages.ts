import type { Page } from './types.js'

/**
 * All that a list holds, page by page: the next page is asked for once it is needed.
 * @param page answers the page behind a cursor; `undefined`: the first
 */
export async function* eachOf<T>(
  page: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined
  for (;;) {
    const { data, nextCursor }: Page<T> = await page(cursor)
    yield* data
    if (nextCursor === null) return
    cursor = nextCursor
  }
}
