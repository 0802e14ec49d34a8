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

const ADAPTER = 'TOUCHSTONE_ADAPTER'
const WITHOUT_IT = 'without it the system’s, else SwiftShader'

export const adapterOption = (): Option =>
  saidIn(
    ADAPTER,
    new Option(
      '--adapter <name>',
      `which GPU: "system", "swiftshader" (a GPU in software), or part of a name; ${WITHOUT_IT}`,
    ),
  )

export const gpuTimeoutOption = (): Option =>
  saidIn(
    'TOUCHSTONE_GPU_TIMEOUT',
    new Option('--gpu-timeout <seconds>', 'how long one answer of the GPU may take, or compiling one kernel')
      .argParser(wholeNumber(1, MOST_SECONDS))
      .default(30),
  )

export const noGpuOption = (): Option =>
  saidIn('TOUCHSTONE_NO_GPU', new Option('--no-gpu', 'leave the GPU out, also where there is one'))

/** The option, which a variable may say too; one that is empty says nothing, as CI leaves many. */
function saidIn(variable: string, option: Option): Option {
  return process.env[variable] === '' ? option : option.env(variable)
}

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
  const complaint = { expected: 'a GPU', found: error.message }
  if (adapter === undefined) {
    const hint = '"touchstone gpu" tells what there is'
    return new QuestionError({ ...complaint, hint }, { cause: error })
  }
  const tensor = process.env[ADAPTER] === adapter ? `${ADAPTER} in the environment` : '--adapter'
  return new QuestionError({ tensor, ...complaint, hint: WITHOUT_IT }, { cause: error })
}
