import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { brotliDecompressSync } from 'node:zlib'
import { GpuError, messageOf } from '../errors.ts'
import { cached } from './cache.ts'

/** SwiftShader on disk: a Vulkan driver that needs no GPU, and a Vulkan loader for machines that have none. */
export interface SwiftShader {
  /** The JSON file that tells a Vulkan loader of the driver. */
  readonly manifest: string
  readonly loader: string
}

const MANIFEST = 'vk_swiftshader_icd.json'
const DRIVER = 'libvk_swiftshader.so'
const LOADER = 'libvulkan.so.1'

/**
 * Unpacks SwiftShader from the npm package that carries it, once, into the cache; the folder's name is the archive's hash.
 * @throws GpuError where the package is not installed or not for this machine
 */
export async function swiftShader(): Promise<SwiftShader> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new GpuError(
      `SwiftShader is packed for linux-x64 only, this is ${process.platform}-${process.arch}`,
    )
  }
  const packed = readArchive()
  const hash = createHash('sha256').update(packed).digest('hex').slice(0, 16)
  const folder = await cached(`swiftshader-${hash}`, (into) => unpack(packed, into))
  return { manifest: join(folder, MANIFEST), loader: join(folder, LOADER) }
}

function readArchive(): Buffer {
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
    const root = entry.slice(0, entry.lastIndexOf(`${join('/', 'build')}/`))
    return readFileSync(join(root, 'bin', 'swiftshader.tar.br'))
  } catch (error) {
    throw new GpuError('the optional package @sparticuz/chromium, which carries SwiftShader, is not there', {
      cause: error,
    })
  }
}

async function unpack(packed: Buffer, folder: string): Promise<void> {
  try {
    const { extract } = await import('tar-fs')
    const wanted = [MANIFEST, DRIVER, LOADER].map((name) => join(folder, name))
    const writer = extract(folder, { ignore: (path) => path !== dirname(path) && !wanted.includes(path) })
    await pipeline(Readable.from([brotliDecompressSync(packed)]), writer)
  } catch (error) {
    throw new GpuError(`SwiftShader could not be unpacked: ${messageOf(error)}`, { cause: error })
  }
}
