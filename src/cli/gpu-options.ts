import { Option } from 'commander'
import { GpuError, type GpuOptions } from '../../gpu/index.ts'
import { openGpuAnswerer, type GpuAnswerer } from '../arithmetics/gpu.ts'
import { QuestionError } from '../errors.ts'
import { wholeNumber } from './options.ts'

/** What a command that may use the GPU is told about it. */
export interface GpuChoice {
  readonly adapter?: string
  readonly gpuTimeout: number
}

/** The options of that. */
export const GPU_CHOICE: readonly string[] = ['adapter', 'gpuTimeout']

/** What a timer can wait for: 2³¹ milliseconds; with more it would not wait at all. */
const MOST_SECONDS = Math.floor((2 ** 31 - 1) / 1000)

export const adapterOption = (): Option =>
  new Option(
    '--adapter <name>',
    'which GPU: "system", "swiftshader" (a GPU in software), or part of a name; without it the system’s, else SwiftShader',
  ).env('TOUCHSTONE_ADAPTER')

export const gpuTimeoutOption = (): Option =>
  new Option('--gpu-timeout <seconds>', 'how long one answer of the GPU may take, or compiling one kernel')
    .env('TOUCHSTONE_GPU_TIMEOUT')
    .argParser(wholeNumber(1, MOST_SECONDS))
    .default(30)

export const noGpuOption = (): Option =>
  new Option('--no-gpu', 'leave the GPU out, also where there is one').env('TOUCHSTONE_NO_GPU')

/**
 * Opens the GPU that was asked for.
 * @throws QuestionError where it is not there
 */
export async function demandGpu(choice: GpuChoice): Promise<GpuAnswerer> {
  try {
    return await openGpuAnswerer(optionsOf(choice))
  } catch (error) {
    if (error instanceof GpuError) throw noAdapter(choice, error)
    throw error
  }
}

/**
 * The GPU, or why there is none.
 * @throws QuestionError where one was asked for by name and is not there
 */
export async function gpuIfThere(choice: GpuChoice): Promise<GpuAnswerer | string> {
  try {
    return await openGpuAnswerer(optionsOf(choice))
  } catch (error) {
    if (!(error instanceof GpuError)) throw error
    if (choice.adapter !== undefined) throw noAdapter(choice, error)
    return error.message
  }
}

function optionsOf({ adapter, gpuTimeout }: GpuChoice): GpuOptions {
  return { adapter, timeoutSeconds: gpuTimeout }
}

function noAdapter({ adapter }: GpuChoice, error: GpuError): QuestionError {
  return new QuestionError(
    {
      ...(adapter === undefined ? {} : { tensor: '--adapter' }),
      expected: 'a GPU',
      found: error.message,
      hint: '"touchstone gpu" tells what there is',
    },
    { cause: error },
  )
}
