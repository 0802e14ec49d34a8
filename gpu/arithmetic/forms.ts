import type { AdapterReport } from '../device/options.ts'
import type { Extent } from '../program.ts'

/**
 * The forms that kernels come in. `scalar`: an invocation for each row or tile, no barriers, nothing computed twice;
 * for processors, where a barrier costs more than it saves. `workgroup`: invocations share rows and tiles in workgroup
 * memory, and rather compute twice than store; for GPUs.
 */
export const KERNEL_FORMS = ['scalar', 'workgroup'] as const
export type KernelForm = (typeof KERNEL_FORMS)[number]

/** A way of computing a product: how much of it one invocation or one workgroup of which kernel computes. */
export interface ProductTile {
  readonly kernel: 'product' | 'product-tiles' | 'product-blocks' | 'product-workgroup'
  readonly rows: number
  readonly columns: number
}

/** Which kernels there are to choose from. */
export interface Forms {
  readonly kernels: KernelForm
  /** One of `PRODUCT_TILES` for all products; by their sizes when left out. */
  readonly tile?: ProductTile | undefined
  /** Whether large products are computed in blocks (`block-tiles.wgsl`), where nothing is shared. */
  readonly blocks: boolean
  /** Invocations in a workgroup, of kernels that leave it open. */
  readonly workgroupSize: number
  /** Bytes of memory that a workgroup may have. */
  readonly workgroupStorage: number
}

/** A run of a kernel over rows: an invocation for each, or a workgroup of the kernel's other form, whose invocations share it. */
export function overRows(
  { kernels }: Pick<Forms, 'kernels'>,
  kernel: string,
  rows: number,
): { readonly kernel: string } & Extent {
  return kernels === 'workgroup'
    ? { kernel: `${kernel}-workgroup`, workgroups: rows }
    : { kernel, invocations: rows }
}

/** Where nothing is said. */
export const WORKGROUP_SIZE = 64
/** What WebGPU guarantees. */
const GUARANTEED_STORAGE = 16_384

/** What may be said of them. */
export interface FormOptions {
  readonly kernels?: KernelForm | undefined
  readonly tile?: ProductTile | undefined
  readonly blocks?: boolean | undefined
  readonly workgroupSize?: number | undefined
}

/** The forms for an adapter, as far as they are not said. */
export function formsFor(
  { fallback, limits, architecture }: Pick<AdapterReport, 'fallback' | 'limits' | 'architecture'>,
  { kernels, tile, blocks, workgroupSize = WORKGROUP_SIZE }: FormOptions,
): Forms {
  return {
    kernels: kernels ?? (fallback ? 'scalar' : 'workgroup'),
    tile,
    // half the time there; Mesa's llvmpipe compiles them for a quarter of a minute
    blocks: blocks ?? architecture === 'swiftshader',
    workgroupSize,
    workgroupStorage: limits['maxComputeWorkgroupStorageSize'] ?? GUARANTEED_STORAGE,
  }
}
