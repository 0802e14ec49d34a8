import { globals } from 'webgpu'
import { createGpu } from '../gpu/device/dawn.ts'
import { swiftShader } from '../gpu/device/swiftshader.ts'
import { provideLoader } from '../gpu/device/vulkan-loader.ts'
import type { AdapterReport } from '../gpu/index.ts'

let browser: Promise<void> | undefined

/** Makes this process a browser with WebGPU, for libraries that look for one: headless Dawn, on the same adapter as ours. */
export function browserOn(source: AdapterReport['source']): Promise<void> {
  browser ??= become(source)
  return browser
}

async function become(source: AdapterReport['source']): Promise<void> {
  if (source === 'swiftshader') {
    const { manifest, loader } = await swiftShader()
    provideLoader(loader)
    process.env['VK_ICD_FILENAMES'] = manifest
  }
  const gpu = await createGpu(process.platform === 'linux' ? ['backend=vulkan'] : [])
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true })
  // tfjs only asks whether a canvas is one of these
  const names = [['OffscreenCanvas', function OffscreenCanvas() {}] as const, ...Object.entries(globals)]
  for (const [name, value] of names) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value })
  }
  copyWhatIsShared()
}

/** Dawn crashes where it is to write from memory that threads share, as that of a WebAssembly with threads is. */
function copyWhatIsShared(): void {
  const { prototype } = GPUQueue
  const write = prototype.writeBuffer
  prototype.writeBuffer = function writeBuffer(buffer, offset, data, start = 0, size) {
    const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data)
    const unit = 'BYTES_PER_ELEMENT' in view ? view.BYTES_PER_ELEMENT : 1
    const bytes = size === undefined ? view.byteLength - start * unit : size * unit
    const part = new Uint8Array(view.buffer, view.byteOffset + start * unit, bytes)
    write.call(this, buffer, offset, view.buffer instanceof SharedArrayBuffer ? part.slice() : part)
  }
}
