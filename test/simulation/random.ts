/** Numbers that one seed makes, and always the same: a schedule can be run again. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  between(least: number, most: number): number
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
  chance(share: number): boolean
  pick<T>(choices: readonly [T, ...T[]]): T
}

/** `sfc32`, by Chris Doty-Humphrey (PractRand): fast, and its streams of neighbouring seeds have nothing in common. */
export function createRandom(seed: number): Random {
  let a = seed >>> 0
  let b = Math.floor(seed / 2 ** 32) >>> 0
  let c = 0x9e3779b9
  let counter = 1

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) next()

  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    below,
    chance: share => next() < share,
    pick: choices => choices[below(choices.length)] ?? choices[0],
  }
}
