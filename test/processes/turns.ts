/** Does something to each, at most so many at a time; the answers are in the order of what they are to. */
export async function inTurns<T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = []
  const rest = [...all.entries()]
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift())
      answers[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return answers
}
