import { KERNEL_FORMS } from '../gpu/arithmetic/forms.ts'
import { PRODUCT_TILES } from '../gpu/arithmetic/products.ts'
import type { GpuOptions } from '../gpu/index.ts'

/** A way that kernels may be run in, which must not matter. */
export interface Form {
  readonly name: string
  readonly options: GpuOptions
  /** Two forms of one order sum in the same order: their bits are the same. */
  readonly order: string
}

/** Every form of kernels, and workgroups of other sizes; any device can do them up to 256 invocations. */
export const forms: readonly Form[] = [
  ...KERNEL_FORMS.map((kernels) => ({ name: kernels, options: { kernels }, order: kernels })),
  ...[1, 256].map((workgroupSize) => ({
    name: `workgroups of ${workgroupSize}`,
    options: { kernels: 'scalar', workgroupSize } as const,
    order: 'scalar',
  })),
  // rows are summed by as many invocations as there are
  { name: 'workgroup memory of 32', options: { kernels: 'workgroup', workgroupSize: 32 }, order: 'of 32' },
]

/** Every tile that a product may be computed in: an element or a tile is one sum, or a few beside one another, by its kernel. */
export const tiles: readonly Form[] = PRODUCT_TILES.map((tile) => ({
  name: `${tile.kernel} ${tile.rows} × ${tile.columns}`,
  options: { kernels: 'workgroup', tile },
  order: tile.kernel,
}))
