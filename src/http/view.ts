/** A request as every framework can show it. */
export interface RequestView {
  /** The framework's own request object: it is given to the app's functions, and carries the marks. */
  readonly native: object
  /** Other objects by which an app may name the same request; they carry the marks too. */
  readonly aliases?: readonly object[]
  readonly method: string
  /** A header's value, several joined; names in lower case. */
  header(name: string): string | undefined
  /** The client's address as the framework tells it (proxies that it trusts taken into account). */
  readonly ip: string | undefined
  /** Whether the app believes proxies about that; `undefined`: it cannot be told. */
  readonly trustsProxy?: boolean | undefined
}
