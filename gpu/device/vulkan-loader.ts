import { existsSync, readdirSync } from 'node:fs'
import { constants, homedir } from 'node:os'
import { join } from 'node:path'

/** dlopen's RTLD_NODELETE, which Node has no name for. */
const NODELETE = 0x1000

/**
 * Whether a system's Vulkan can have an adapter: its loader loads, and some driver is announced. Asking Dawn instead
 * would print warnings where there is none.
 */
export function systemHasVulkan(): boolean {
  return loads('libvulkan.so.1') && announcedDrivers().length > 0
}

/** Makes a Vulkan loader known to the process, so that Dawn, which asks for it by name, finds it; the system's comes first. */
export function provideLoader(path: string): void {
  if (!loads('libvulkan.so.1')) loads(path)
}

/** The files that tell the loader of drivers, where it looks for them. */
function announcedDrivers(): string[] {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES, XDG_DATA_HOME, XDG_DATA_DIRS } = process.env
  const named = VK_DRIVER_FILES || VK_ICD_FILENAMES || ''
  const folders = [
    XDG_DATA_HOME || join(homedir(), '.local/share'),
    ...(XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(':'),
    '/etc',
    '/usr/local/etc',
  ].map((folder) => join(folder, 'vulkan/icd.d'))
  const found = named === '' ? folders.flatMap(manifestsIn) : named.split(':')
  return [...found, ...(VK_ADD_DRIVER_FILES || '').split(':')].filter(
    (path) => path !== '' && existsSync(path),
  )
}

function manifestsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

/** Loads a shared library for good. Node complains that it is no addon; whether it was found is all that matters. */
function loads(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY | NODELETE)
    return true
  } catch (error) {
    return error instanceof Error && error.message.includes('did not self-register')
  }
}
