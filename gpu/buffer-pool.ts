/** Buffers that are used again and again: a creation costs more than a small kernel. */
export interface BufferPool {
  take(bytes: number): GPUBuffer
  /** Back for the next one; what it holds is nobody's. */
  give(buffer: GPUBuffer): void
  /** Not for the next one: where something failed, it may be none that anything can be done with. */
  drop(buffer: GPUBuffer): void
  /** Bytes of all buffers there are, in use or not. */
  readonly bytes: number
}

/** Idle buffers beyond this are destroyed. */
const IDLE_BYTES = 256 * 2 ** 20
const SMALLEST = 256
const MEGABYTE = 2 ** 20

export function bufferPool(gpu: GPUDevice, usage: number): BufferPool {
  const idle = new Map<number, GPUBuffer[]>()
  let [total, unused] = [0, 0]
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits
  const largest = Math.min(maxBufferSize, maxStorageBufferBindingSize)
  const drop = (buffer: GPUBuffer): void => {
    total -= buffer.size
    buffer.destroy()
  }
  return {
    drop,
    take(bytes) {
      const size = bufferSize(bytes, largest)
      const kept = idle.get(size)?.pop()
      if (kept !== undefined) {
        unused -= size
        return kept
      }
      total += size
      return gpu.createBuffer({ size, usage })
    },
    give(buffer) {
      const { size } = buffer
      if (unused + size > IDLE_BYTES) {
        drop(buffer)
        return
      }
      unused += size
      idle.set(size, [...(idle.get(size) ?? []), buffer])
    },
    get bytes() {
      return total
    },
  }
}

/**
 * Powers of two up to a megabyte, whole megabytes beyond: few classes, little waste. None larger than the device has
 * buffers, if `bytes` are not.
 */
export function bufferSize(bytes: number, largest: number): number {
  return Math.max(bytes, Math.min(sizeClass(bytes), largest))
}

function sizeClass(bytes: number): number {
  if (bytes > MEGABYTE) return Math.ceil(bytes / MEGABYTE) * MEGABYTE
  let size = SMALLEST
  while (size < bytes) size *= 2
  return size
}
