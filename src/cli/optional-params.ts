import picomatch from 'picomatch'
import { knownTensors } from '../cases/names.ts'
import { clip } from '../cases/raw-tensor.ts'
import { hintFor } from '../cases/suggest.ts'
import type { Equation } from '../catalogue/schema.ts'
import { QuestionError } from '../errors.ts'

/** Which optional params a question is to have, as typed: `norm1,*.bias`. */
export interface PresenceTexts {
  readonly with?: string
  readonly without?: string
}

/** An optional param: its full name, and those that come and go with it, its own first, without `param.`. */
interface Optional {
  readonly name: string
  readonly members: readonly string[]
}

interface Pattern {
  readonly text: string
  readonly matches: (param: Optional) => boolean
}

/**
 * What is asked of the sampler's optional params: those that `--without` names are not there, of the others those that `--with`
 * names are, and the rest is drawn. A name is a param's, the beginning of some (`norm1`, `stgm.layer1`), or a pattern (`*.bias`).
 * @throws QuestionError for a name that no optional param has, and for one of `--with` of which `--without` leaves nothing
 */
export function readPresence(
  equation: Equation,
  texts: PresenceTexts,
): (name: string) => boolean | undefined {
  const params = optionalOf(equation)
  const [there, gone] = (['with', 'without'] as const).map((key) => patternsOf(`--${key}`, texts[key]))
  for (const [option, patterns] of [
    ['--with', there],
    ['--without', gone],
  ] as const) {
    for (const { text, matches } of patterns)
      if (!params.some(matches)) throw unknown(option, text, equation, params)
  }
  const isGone = (param: Optional): boolean => gone.some(({ matches }) => matches(param))
  for (const { text, matches } of there) {
    if (params.every((param) => !matches(param) || isGone(param))) {
      const expected = 'params of which --without leaves some'
      throw new QuestionError({ tensor: '--with', expected, found: `"${text}"` })
    }
  }
  const chosen = new Map(
    params.map((param) => [
      param.name,
      isGone(param) ? false : there.some(({ matches }) => matches(param)) || undefined,
    ]),
  )
  return (name) => chosen.get(name)
}

function optionalOf(equation: Equation): Optional[] {
  return [...knownTensors(equation)].flatMap(([name, { optional, partner }]) => {
    if (optional !== true) return []
    return [{ name, members: [short(name), ...(partner === undefined ? [] : [partner])] }]
  })
}

function patternsOf(option: string, text: string | undefined): Pattern[] {
  if (text === undefined) return []
  return text.split(',').map((part) => {
    const pattern = short(part.trim())
    if (pattern === '') {
      const expected = 'names of optional params, with commas between'
      throw new QuestionError({ tensor: option, expected, found: clip(text) })
    }
    const isMatch = picomatch(pattern, { bash: true })
    return {
      text: clip(part.trim()),
      matches: ({ members }) => members.some((member) => beginnings(member).some((each) => isMatch(each))),
    }
  })
}

/** `attn`, `attn.q`, `attn.q.bias`. */
function beginnings(name: string): string[] {
  const parts = name.split('.')
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'))
}

function unknown(tensor: string, text: string, { id }: Equation, params: readonly Optional[]): QuestionError {
  const names = params.map(({ members }) => (members.length > 1 ? withoutLast(members[0]) : members[0]))
  const hint = hintFor(text, [...new Set(names)], `"touchstone list ${id}"`)
  return new QuestionError({ tensor, expected: `optional params of ${id}`, found: `"${text}"`, hint })
}

function withoutLast(name: string): string {
  return name.slice(0, name.lastIndexOf('.'))
}

function short(name: string): string {
  return name.replace(/^param\./, '')
}
