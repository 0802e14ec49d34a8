import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openDevice, type Device } from '../gpu/device/device.ts'
import { messageOf } from '../gpu/errors.ts'
import { kernelsFor } from '../gpu/index.ts'
import { contender, largestBatch, tensorsFor } from './gpu-peak-contender.ts'
import { rowSubjects } from './gpu-peak-rows.ts'
import { DEIT_B, peakSubjects, SMOKE, TINY, type PeakSubject } from './gpu-peak-subjects.ts'
import { compare, type Comparison, type Contender, type Peak, type Suite } from './suite.ts'

const sizes = SMOKE ? TINY : DEIT_B

/**
 * What kernels reach on a device, as shares of its peaks if those are said (TOUCHSTONE_PEAK_TFLOPS,
 * TOUCHSTONE_BANDWIDTH_GBS): the same work again and again, nothing brought back but its first number; compiling and
 * bringing up are not counted. And all of `verify`.
 */
export const gpuPeakSuites: readonly Suite[] = [
  ...[...peakSubjects(sizes), ...rowSubjects(sizes)].map((subject) => ({
    name: `gpu-peak-${subject.name}`,
    description: `${subject.description}: what a GPU reaches`,
    run: () => race(subject),
  })),
  { name: 'gpu-peak-verify', description: 'all of `npm run verify`, CPU and GPU', run: verify },
]

const ROUNDS = SMOKE ? 1 : 9
/** A GPU in software takes seconds to compile a kernel. */
const PATIENCE_SECONDS = 600

async function race(subject: PeakSubject): Promise<Comparison> {
  const device = await openDevice({
    adapter: process.env['TOUCHSTONE_ADAPTER'],
    timeoutSeconds: PATIENCE_SECONDS,
  })
  try {
    const { fallback } = device.report
    const batch = fallback ? 1 : largestBatch(device, subject)
    const inputs = tensorsFor(subject, batch)
    const contenders: Contender[] = []
    for (const way of subject.ways.filter(({ tile }) => !fallback || tile === undefined)) {
      const { target } = way
      const one = await contender(device, subject, way, inputs)
      // what is asked of a GPU is asked of none in software
      contenders.push(fallback || target === undefined ? one : { ...one, target })
    }
    const peak = fallback ? undefined : peakOf(subject)
    const comparison = await compare(contenders, {
      title: batch === 1 ? subject.description : `${subject.description}, ${batch} of them`,
      unit: subject.unit,
      work: subject.work * batch,
      rounds: ROUNDS,
      ...(SMOKE && { least: 0 }),
      ...(peak === undefined ? {} : { peak }),
    })
    return { ...comparison, device: described(device) }
  } finally {
    device.close()
  }
}

function described({ report }: Device): string {
  const { form, reason } = kernelsFor(report)
  return `${report.name} (${report.driver}), kernels ${form} (${reason})`
}

/** What the device could do, if it was said. */
function peakOf({ unit, share }: PeakSubject): Peak | undefined {
  const { TOUCHSTONE_PEAK_TFLOPS, TOUCHSTONE_BANDWIDTH_GBS } = process.env
  const rate = Number(unit === 'TFLOP/s' ? TOUCHSTONE_PEAK_TFLOPS : TOUCHSTONE_BANDWIDTH_GBS)
  return share === undefined || !(rate > 0) ? undefined : { rate, target: share }
}

/** Wall time of all that `npm run verify` does, in a process of its own. */
async function verify(): Promise<Comparison> {
  const images = ['chelsea', 'astronaut'].flatMap((name) => ['--image', `golden/images/${name}.png`])
  const few = ['--equation', 'stvit/eq1', '--cases', '1']
  const start = performance.now()
  const args = ['dist/src/cli/main.js', 'verify', ...(SMOKE ? few : images)]
  const name = await promisify(execFile)(process.execPath, args).then(
    () => 'held',
    (error: unknown) => messageOf(error),
  )
  const took = performance.now() - start
  const device = await openDevice({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  device.close()
  const timing = { median: took, fastest: took, slowest: took, rounds: 1, rate: 1000 / took, ratio: 1 }
  return {
    title: `all of \`verify\`${SMOKE ? ', one equation' : ', CPU and GPU'}`,
    unit: 'runs/s',
    timings: [{ name, ...timing }],
    device: described(device),
  }
}
