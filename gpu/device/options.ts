/** Where an adapter comes from. */
export type Source = 'system' | 'swiftshader'

export interface DeviceOptions {
  /** `system`, `swiftshader`, or part of the name of one of the system's adapters; whichever there is when left out. */
  readonly adapter?: string | undefined
  /** How long one answer of the device may take; 30 when left out. */
  readonly timeoutSeconds?: number | undefined
}

/** What an adapter says of itself, and where it came from. */
export interface AdapterReport {
  readonly name: string
  readonly vendor: string
  readonly architecture: string
  readonly driver: string
  readonly source: Source
  /** Whether the adapter says that it is slow and stands in for a GPU. */
  readonly fallback: boolean
  readonly limits: Readonly<Record<string, number>>
  readonly features: readonly string[]
}
