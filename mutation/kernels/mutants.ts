/** One small change to a kernel's text. */
export interface Mutant {
  /** The file `gpu/kernels/NAME.wgsl`. */
  readonly file: string
  readonly line: number
  readonly from: string
  readonly to: string
  /** The whole text with the change. */
  readonly text: string
}

/** What is changed into what, each with spaces around, as operators between two terms have. */
const OPERATORS: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '/',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '==': '!=',
  '!=': '==',
  '&&': '||',
  '||': '&&',
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
}

const FUNCTIONS: Readonly<Record<string, string>> = { 'min(': 'max(', 'max(': 'min(', 'all(': 'any(' }
const BARRIER = 'workgroupBarrier();'
const FIRST_TWO = { '.x': '.y', '.y': '.x' }

/** An operator, a function, a component, a whole number, a real number, or a barrier. */
const PLACES =
  /(?<= )(?:[-+*/%<>]|<=|>=|==|!=|&&|\|\||[-+*]=)(?= )|\b(?:min|max|all)\(|\.[xy]\b|\b\d+u\b|\b\d+\.\d+(?:e-?\d+)?\b|workgroupBarrier\(\);/g

/** Every mutant of a kernel: a sign, a comparison, an index, a constant, a barrier; declarations and comments stay as they are. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const lines = text.split('\n')
  return lines.flatMap((line, i) => {
    const [code] = line.split('//')
    if (isDeclaration(code)) return []
    return [...code.matchAll(PLACES)].map(({ 0: from, index }) => {
      const to = changed(from)
      const mutated = code.slice(0, index) + to + line.slice(index + from.length)
      return { file, line: i + 1, from, to, text: lines.with(i, mutated).join('\n') }
    })
  })
}

/** Of types, bindings and sizes; a constant's value is no declaration. */
function isDeclaration(code: string): boolean {
  return /^\s*(?:@|struct|override|fn |var<|\) |\w+: \w+(?:<\w+>)?,)/.test(code)
}

function changed(from: string): string {
  if (from === BARRIER) return ''
  if (from === '.x' || from === '.y') return FIRST_TWO[from]
  if (/^\d+u$/.test(from)) return `${Number.parseInt(from, 10) + 1}u`
  // zero and one are often sentinels; of anything else a hundredth
  if (/^\d/.test(from)) return Number(from) === 0 ? '1.0' : (Number(from) * 1.01).toPrecision(9)
  return OPERATORS[from] ?? FUNCTIONS[from]
}
