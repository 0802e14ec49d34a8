import type { Comparison, Judgement, OutputJudgement, Worst } from '../verdict/judgement.ts'
import { paint } from './terminal.ts'

/** A judgement as lines of text: the verdict, then what is wrong, in order of computing. */
export function judgementLines({ id, verdict, outputs, absent }: Judgement): string[] {
  const first = outputs.find(({ fromUpstream, reason, verdict: own }) =>
    isWrong(fromUpstream?.verdict ?? (reason === undefined ? 'pass' : own)),
  )
  const lines = [`${paint.verdict(verdict)}  ${id}${summary(outputs)}`]
  for (const output of outputs) {
    if (output.verdict === 'pass') continue
    lines.push(
      `  ${output.name}: ${paint.verdict(output.verdict)}${output.reason === undefined ? '' : `, ${output.reason}`}`,
    )
    const { fromInputs, fromUpstream } = output
    if (fromUpstream?.worst !== undefined && isWrong(fromUpstream.verdict)) {
      lines.push(`    on its own upstream: ${worst(fromUpstream.worst)}`)
    } else if (fromInputs?.worst !== undefined && isWrong(fromInputs.verdict)) {
      lines.push(`    from the inputs (on its own upstream it holds): ${worst(fromInputs.worst)}`)
    }
  }
  if (outputs.length > 1 && first !== undefined)
    lines.push(`  first wrong on its own upstream: ${paint.bold(first.name)}`)
  if (outputs.length === 0) lines.push('  the file has no output.* to judge')
  if (absent.length > 0) lines.push(paint.dim(`  not in the file: ${absent.join(', ')}`))
  return lines
}

/** The comparison that says most about an output: the one that fails, else the one from its inputs. */
function telling({ fromInputs, fromUpstream }: OutputJudgement): Comparison | undefined {
  return fromInputs !== undefined && isWrong(fromInputs.verdict) ? fromInputs : (fromUpstream ?? fromInputs)
}

function summary(outputs: readonly OutputJudgement[]): string {
  const compared = outputs.flatMap((output) => telling(output)?.worst?.deviations ?? [])
  if (compared.length === 0) return ''
  return `  worst element ${Math.max(...compared).toPrecision(2)} deviations of rounding noise, over ${outputs.length} tensors`
}

function worst({ coordinates, expected, found, expectedHex, foundHex, ulp, deviations }: Worst): string {
  const off = deviations === null ? '' : `, ${deviations.toPrecision(3)} deviations`
  const distance = Number.isNaN(ulp) ? '' : `, ${ulp} ULP`
  return `at [${coordinates.join(', ')}] expected ${expected} (${expectedHex}), found ${found} (${foundHex})${distance}${off}`
}

function isWrong(verdict: string): boolean {
  return verdict === 'fail' || verdict === 'suspect'
}
