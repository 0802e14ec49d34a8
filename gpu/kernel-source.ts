import { readFileSync } from 'node:fs'

/** How a kernel's text comes about, for whoever wants to change it: a planted bug, an instrumented kernel. */
export type ReadKernel = (name: string) => string

/** A kernel's text, ready to compile: its own file first, so that line numbers are the file's, then what it requires. */
export interface KernelSource {
  readonly code: string
  /** Which file each stretch of lines is from: the first line counts from 1. */
  readonly files: readonly { readonly name: string; readonly firstLine: number }[]
  /** Whether each storage binding is written, in order. Binding 0 is the uniform. */
  readonly written: readonly boolean[]
}

/** Reads `gpu/kernels/NAME.wgsl`. */
export const readKernelFile: ReadKernel = (name) =>
  readFileSync(new URL(`./kernels/${name}.wgsl`, import.meta.url), 'utf8')

/** Puts together a kernel and the files that its lines `// requires NAME` name, each once. */
export function kernelSource(name: string, read: ReadKernel): KernelSource {
  const texts = new Map<string, string>()
  const add = (file: string): void => {
    if (texts.has(file)) return
    const text = read(file)
    texts.set(file, text.endsWith('\n') ? text : `${text}\n`)
    for (const [, required] of text.matchAll(/^\/\/ requires (\S+)$/gm)) add(required)
  }
  add(name)
  let firstLine = 1
  const files = [...texts].map(([file, text]) => {
    const entry = { name: file, firstLine }
    firstLine += text.split('\n').length - 1
    return entry
  })
  const code = [...texts.values()].join('')
  const bindings = [...code.matchAll(/@binding\(\d+\)\s+var<storage,\s*(read|read_write)>/g)]
  return { code, files, written: bindings.map(([, access]) => access === 'read_write') }
}

/** `gpu/kernels/softmax.wgsl:12:5` for a line of the text put together. */
export function placeIn({ files }: KernelSource, line: number, column: number): string {
  const file = files.findLast(({ firstLine }) => firstLine <= line) ?? files[0]
  return `gpu/kernels/${file.name}.wgsl:${line - file.firstLine + 1}:${column}`
}
