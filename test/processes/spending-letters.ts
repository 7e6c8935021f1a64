/** What a process that was killed has written, a letter each: a request was sent; it was let in; it was not. */
export const [ASKED, GRANTED, REFUSED] = ['a', 'g', 'r'] as const
