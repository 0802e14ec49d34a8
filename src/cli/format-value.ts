import { formatShape } from '../../reference/tensor.ts'
import { real, type RawTensor } from '../cases/raw-tensor.ts'

/** Values shown of one tensor. */
const SHOWN = 24

/** `F64 [2, 3] 0.25 0 1 …`. */
export function formatValue(raw: RawTensor): string {
  const values = raw.dtype === 'F32' || raw.dtype === 'F64' ? real(raw) : raw.bytes
  const shown = Array.from(values.subarray(0, SHOWN), (value) => `${value}`)
  return `${raw.dtype} ${formatShape(raw.shape)} ${shown.join(' ')}${values.length > SHOWN ? ' …' : ''}`
}
