/** The device could not do what was asked: none there, lost, hung, out of memory, or a kernel that does not compile. */
export class GpuError extends Error {
  override readonly name = 'GpuError'
}

/** The message of whatever was thrown, on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ').trim()
}
