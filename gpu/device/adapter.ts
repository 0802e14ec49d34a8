import { GpuError, messageOf } from '../errors.ts'
import { createGpu } from './dawn.ts'
import type { Source } from './options.ts'
import { swiftShader } from './swiftshader.ts'
import { provideLoader, systemHasVulkan } from './vulkan-loader.ts'

export interface Found {
  readonly source: Source
  readonly adapter: GPUAdapter
}

/** One entry object a choice, also after a device was lost: Dawn keeps what it found. */
const entries = new Map<string, Promise<GPU>>()

/**
 * An adapter: the system's own, else SwiftShader.
 * @param wanted `system`, `swiftshader`, part of the name of one of the system's adapters, or nothing for whichever there is
 * @throws GpuError that says what was tried
 */
export async function findAdapter(wanted?: string): Promise<Found> {
  const tried: string[] = []
  for (const source of sources(wanted)) {
    try {
      const adapter = await (source === 'system' ? systemAdapter(wanted) : swiftShaderAdapter())
      if (adapter !== null) return { source, adapter }
      tried.push(`${source}: none`)
    } catch (error) {
      tried.push(`${source}: ${messageOf(error)}`)
    }
  }
  throw new GpuError(`no ${wanted === undefined ? '' : `"${wanted}" `}adapter (${tried.join('; ')})`)
}

function sources(wanted: string | undefined): readonly Source[] {
  if (wanted === undefined) return ['system', 'swiftshader']
  return wanted === 'swiftshader' ? ['swiftshader'] : ['system']
}

async function systemAdapter(wanted: string | undefined): Promise<GPUAdapter | null> {
  if (process.platform === 'linux' && !systemHasVulkan()) return null
  const options = process.platform === 'linux' ? ['backend=vulkan'] : []
  if (wanted !== undefined && wanted !== 'system') options.push(`adapter=${wanted}`)
  return request(options.join(' '), () => createGpu(options))
}

async function swiftShaderAdapter(): Promise<GPUAdapter | null> {
  const { manifest, loader } = await swiftShader()
  provideLoader(loader)
  const { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: drivers } = process.env
  // the loader reads them when Dawn first looks for adapters; child processes should not inherit them
  process.env['VK_ICD_FILENAMES'] = manifest
  process.env['VK_DRIVER_FILES'] = manifest
  try {
    return await request('swiftshader', () => createGpu(['backend=vulkan']))
  } finally {
    restore('VK_ICD_FILENAMES', icd)
    restore('VK_DRIVER_FILES', drivers)
  }
}

async function request(key: string, create: () => Promise<GPU>): Promise<GPUAdapter | null> {
  const entry = entries.get(key) ?? create()
  entries.set(key, entry)
  return (await entry).requestAdapter({ powerPreference: 'high-performance' })
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
