import { Command } from 'commander'
import { catalogue } from '../../catalogue/index.ts'
import { probes } from '../../catalogue/probes/index.ts'
import { formatCondition, formatDims, type Equation } from '../../catalogue/schema.ts'
import { describe } from '../../cases/config.ts'
import { findEquation } from '../../cases/names.ts'
import { refuseIdle } from '../contradictions.ts'
import { HELD, jsonOption } from '../options.ts'
import { writeJson } from '../json.ts'
import { table } from '../table.ts'
import { paint, terminal } from '../terminal.ts'

interface Options {
  readonly intermediates?: boolean
  readonly probes?: boolean
  readonly json?: string
}

/** `touchstone list`: the catalogue. */
export function listCommand(done: (code: number) => void): Command {
  return new Command('list')
    .description('the catalogue: every equation with its inputs, params, config and outputs')
    .argument('[id]', 'one equation in full, for example sparsifiner/eq3')
    .option('--intermediates', 'with the names and shapes of documented intermediates, in order of computing')
    .option(
      '--probes',
      'the probes instead: inputs at which some bug shows, and which equations they are for',
    )
    .addOption(jsonOption())
    .action(
      (
        id: string | undefined,
        { intermediates = false, probes: asked = false, json }: Options,
        command: Command,
      ) => {
        if (asked) {
          refuseIdle(command, ['intermediates'], { expected: 'equations to be listed', found: '--probes' })
        }
        const chosen = id === undefined ? catalogue : [findEquation(id, 'id')]
        if (asked) {
          listProbes(chosen, json)
          done(HELD)
          return
        }
        if (json !== undefined) writeJson(json, { equations: chosen.map(machineReadable) })
        if (json !== '-') {
          const text =
            id === undefined && !intermediates
              ? overview()
              : chosen.map((e) => inFull(e, intermediates)).join('\n\n')
          terminal.out(text)
        }
        done(HELD)
      },
    )
}

/** The probes that say something of any of the equations. */
function listProbes(equations: readonly Equation[], json: string | undefined): void {
  const found = probes.flatMap((probe) => {
    const ids = equations.filter((equation) => probe.applies(equation)).map(({ id }) => id)
    return ids.length === 0 ? [] : [{ name: probe.name, about: probe.about, equations: ids }]
  })
  if (json !== undefined) writeJson(json, { probes: found })
  if (json === '-') return
  const rows = found.map(({ name, about, equations: ids }) => [name, `${ids.length}`, paint.dim(about)])
  terminal.out(`${table(['probe', 'equations', ''], rows)}\n\n"touchstone emit ID --probe NAME" asks one.`)
}

function overview(): string {
  const rows = catalogue.map(({ id, title, inputs, exposes }) => [
    id,
    Object.entries(inputs).map(tensorOf).join(', ') || '–',
    Object.entries(exposes)
      .filter(([, spec]) => spec.output === true)
      .map(tensorOf)
      .join(', '),
    paint.dim(title),
  ])
  return `${table(['equation', 'inputs', 'outputs', ''], rows)}\n\n"touchstone list ID" shows params and config of one.`
}

function inFull(equation: Equation, intermediates: boolean): string {
  const { id, title, source, file, inputs, params, config, exposes, oneOf } = equation
  const outputs = Object.entries(exposes).filter(([, spec]) => intermediates || spec.output === true)
  const rows: string[][] = [
    ...Object.entries(inputs).map(([name, { dims, kind }]) => [
      `input.${name}`,
      formatDims(dims),
      kind === 'mask' ? '0/1' : '',
    ]),
    ...Object.entries(params).map(([name, { dims, optional, partner, when }]) => [
      `param.${name}`,
      formatDims(dims),
      [
        optional === true ? 'optional' : '',
        partner === undefined ? '' : `with ${partner}`,
        when === undefined ? '' : `with ${formatCondition(when)} only`,
      ]
        .filter(Boolean)
        .join(', '),
    ]),
    ...Object.entries(config).map(([key, spec]) => {
      const fallback =
        spec.default !== undefined
          ? `default ${spec.default}`
          : spec.optional === true
            ? 'optional'
            : 'required'
      const status = oneOf?.includes(key) === true ? `one of ${oneOf.join(', ')}` : fallback
      return [`config.${key}`, describe(spec), `${status}; ${spec.about}`]
    }),
    ...outputs.map(([name, { dims, kind, output, needs, when, judgedAt }]) => [
      `output.${name}`,
      formatDims(dims),
      [
        output === true ? '' : 'intermediate',
        kind === 'mask' ? '0/1' : '',
        needs === undefined ? '' : `with param.${needs} only`,
        when === undefined ? '' : `with ${formatCondition(when)} only`,
        judgedAt === undefined ? '' : `where ${judgedAt} = 1`,
      ]
        .filter(Boolean)
        .join(', '),
    ]),
  ]
  return `${paint.bold(id)}  ${title}. ${source}, ${file}\n${table(['name', 'shape or values', ''], rows)}`
}

function tensorOf([name, { dims }]: readonly [string, { readonly dims: readonly string[] }]): string {
  return `${name} ${formatDims(dims)}`
}

function machineReadable({
  id,
  title,
  source,
  file,
  inputs,
  params,
  config,
  exposes,
  oneOf,
}: Equation): object {
  return { id, title, source, file, inputs, params, config, oneOf, exposes }
}
