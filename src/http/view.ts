/**
 * A request as every framework can show it. What few keys need is a function, so that it is looked up for those alone:
 * Express goes through the proxies for an address, and through the apps above for a setting.
 */
export interface RequestView {
  /** The framework's own request object: it is given to the app's functions, and carries the marks. */
  readonly native: object
  /** What it has in common with its copies: mostly itself. */
  readonly identity: object
  /** Other objects by which an app may name the same request; they carry the marks too. */
  readonly aliases?: readonly object[]
  /** A header's value, several joined; names in lower case. */
  header(name: string): string | undefined
  /** The client's address as the framework tells it (proxies that it trusts taken into account). */
  ip(): string | undefined
  /** Is told before the request is marked as made with a key. */
  beforeMark?(): void
  /** Whether the app believes proxies about that; without it, it cannot be told. */
  trustsProxy?(): boolean
}
