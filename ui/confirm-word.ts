/** What is typed to confirm that a key is meant. Pure. */

const TYPABLE = /^[\p{L}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{N}\p{P}\p{S}]+)*$/u
const LONGEST = 40

/** The name of the key; of one that nobody would type, the end of its id. */
export function confirmWord({ id, name }: { readonly id: string; readonly name: string }): string {
  return name.length <= LONGEST && TYPABLE.test(name) ? name : id.slice(-6)
}
