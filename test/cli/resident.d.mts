/** A command line for the resident process. */
export interface Asked {
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** In base64. */
  readonly input: string
  readonly columns: number | undefined
}
