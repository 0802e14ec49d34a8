import { readKernelFile, kernelSource, type ReadKernel } from '../gpu/kernel-source.ts'
import type { Machine } from './bounds-machine.ts'

/** A number of WGSL, with how it came about as far as an implementation may make something else of it. */
interface Quantity {
  readonly kind: 'real' | 'signed' | 'unsigned' | 'literal'
  readonly value: number
  readonly factors?: readonly [number, number]
  readonly terms?: readonly [number, number] | undefined
}

type Scope = Map<string, Quantity>

const bits = new DataView(new ArrayBuffer(4))
const real = (value: number): Quantity => ({ kind: 'real', value })
const signed = (value: number): Quantity => ({ kind: 'signed', value: value | 0 })
const unsigned = (value: number): Quantity => ({ kind: 'unsigned', value: value >>> 0 })

/** Ties to even. */
function rounded(x: number): number {
  const below = Math.floor(x)
  const above = x - below
  return above === 0.5 ? below + (below % 2) : Math.round(x)
}

const BUILT_IN: Readonly<Record<string, (...x: readonly number[]) => Quantity>> = {
  clamp: (x, low, high) => real(Math.min(Math.max(x, low), high)),
  round: (x) => real(rounded(x)),
  min: (x, y) => real(Math.min(x, y)),
  abs: (x) => real(Math.abs(x)),
  f32: real,
  i32: (x) => signed(Math.trunc(x)),
  u32: unsigned,
  'bitcast<f32>': (x) => (bits.setUint32(0, x), real(bits.getFloat32(0))),
  'bitcast<u32>': (x) => (bits.setFloat32(0, x), unsigned(bits.getUint32(0))),
}

/** How tightly an operation binds. */
const STRENGTH: Readonly<Record<string, number>> = { '<<': 1, '>>': 1, '+': 2, '-': 2, '*': 3, '/': 3 }

/**
 * Runs functions of one number as their text stands in `gpu/kernels`, on a machine that goes about every operation as WGSL
 * allows: a product and a sum may be one operation, three terms or three factors may be brought together the other way
 * round, unless that overflows or underflows.
 */
export function functionsOf(
  kernel: string,
  machine: Machine,
  read: ReadKernel = readKernelFile,
): (name: string, x: number) => number {
  const text = kernelSource(kernel, read).code.replaceAll(/\/\/.*/g, '')
  const constants: Scope = new Map(
    [...text.matchAll(/^const (\w+) = (\S+);$/gm)].map(([, name, value]) => [
      name,
      real(machine.literal(Number(value))),
    ]),
  )
  const bodies = new Map(
    [...text.matchAll(/^fn (\w+)\((\w+): \w+\) -> \w+ \{([^}]*)\}/gm)].map(([, name, parameter, body]) => [
      name,
      { parameter, body },
    ]),
  )
  const call = (name: string, argument: Quantity): Quantity => {
    const found = bodies.get(name)
    if (found === undefined) throw new TypeError(`no function ${name} of one number in ${kernel}.wgsl`)
    const scope: Scope = new Map([...constants, [found.parameter, argument]])
    for (const statement of found.body.split(';')) {
      const [, target, expression] = /^\s*(?:(?:let|var)\s+)?(\w+) (?:= )?([^]+)$/.exec(statement) ?? []
      if (target === undefined) continue
      const value = evaluated(expression, scope, machine, call)
      if (target === 'return') return value
      // terms of different lines are not brought together: that would be less accurate, and so not legal
      scope.set(target, { ...value, terms: undefined })
    }
    throw new TypeError(`${name} returns nothing`)
  }
  return (name, x) => call(name, real(x)).value
}

function evaluated(
  text: string,
  scope: Scope,
  machine: Machine,
  call: (name: string, x: Quantity) => Quantity,
): Quantity {
  const tokens = [
    ...text.matchAll(/bitcast<\w+>|0x[\da-f]+u?|\d[\d.]*(?:e-?\d+)?u?|\w+|<<|>>|[-+*/(),]/g),
  ].map(([token]) => token)
  let at = 0
  const operand = (): Quantity => {
    const token = tokens[at++]
    if (token === '-') {
      const { kind, value } = operand()
      return { kind, value: -value }
    }
    if (token === '(') {
      const inner = expression(0)
      at++
      return inner
    }
    if (/^\d/.test(token)) return literalOf(token, machine)
    if (tokens[at] !== '(') {
      const known = scope.get(token)
      if (known === undefined) throw new TypeError(`unknown: ${token}`)
      return known
    }
    const given: Quantity[] = []
    do {
      at++
      given.push(expression(0))
    } while (tokens[at] === ',')
    at++
    return Object.hasOwn(BUILT_IN, token)
      ? BUILT_IN[token](...given.map(({ value }) => value))
      : call(token, given[0])
  }
  const expression = (weakest: number): Quantity => {
    let left = operand()
    while ((STRENGTH[tokens[at]] ?? 0) > weakest) {
      const operation = tokens[at++]
      left = combined(machine, operation, left, expression(STRENGTH[operation]))
    }
    return left
  }
  return expression(0)
}

function literalOf(token: string, machine: Machine): Quantity {
  if (token.endsWith('u')) return unsigned(Number(token.slice(0, -1)))
  return token.includes('.')
    ? real(machine.literal(Number(token)))
    : { kind: 'literal', value: Number(token) }
}

function combined(machine: Machine, operation: string, x: Quantity, y: Quantity): Quantity {
  const kind = x.kind === 'literal' ? y.kind : x.kind
  if (kind === 'real') return combinedReals(machine, operation, x, y)
  const whole = kind === 'unsigned' ? unsigned : signed
  const [a, b] = [x.value, y.value]
  switch (operation) {
    case '+':
      return whole(a + b)
    case '-':
      return whole(a - b)
    case '/':
      return whole(Math.trunc(a / b))
    case '<<':
      return whole(a << b)
    case '>>':
      return whole(kind === 'unsigned' ? a >>> b : a >> b)
    default:
      throw new TypeError(`${operation} of whole numbers`)
  }
}

function combinedReals(machine: Machine, operation: string, x: Quantity, y: Quantity): Quantity {
  const [a, b] = [x.value, y.value]
  const otherwise = machine.choice() > 0
  switch (operation) {
    case '*': {
      const inner = x.factors && machine.multiply(x.factors[1], b)
      if (otherwise && x.factors !== undefined && inner !== undefined && isNormal(inner)) {
        return { ...real(machine.multiply(x.factors[0], inner)), factors: [x.factors[0], inner] }
      }
      return { ...real(machine.multiply(a, b)), factors: [a, b] }
    }
    case '+':
    case '-': {
      const sign = operation === '+' ? 1 : -1
      if (machine.ways.fused && y.factors !== undefined)
        return real(machine.fused(sign * y.factors[0], y.factors[1], a))
      if (machine.ways.fused && x.factors !== undefined)
        return real(machine.fused(x.factors[0], x.factors[1], sign * b))
      if (otherwise && x.terms !== undefined) {
        const inner = machine.add(x.terms[1], sign * b)
        return { ...real(machine.add(x.terms[0], inner)), terms: [x.terms[0], inner] }
      }
      return { ...real(machine.add(a, sign * b)), terms: [a, sign * b] }
    }
    case '/':
      return real(machine.divide(a, b))
    default:
      throw new TypeError(`${operation} of real numbers`)
  }
}

function isNormal(x: number): boolean {
  return Math.abs(x) >= 2 ** -126 && Math.abs(x) < 2 ** 128
}
