import { catalogue } from '../catalogue/index.ts'
import { laws, type Law } from './index.ts'
import { ownLawsOf } from './own-laws.ts'

/** `docs/laws.md`: every law with its statement, where it comes from, and the planted bug it notices. */
export function lawsDocument(): string {
  const subjects = new Map<string, Law[]>()
  for (const law of laws) {
    const subject = law.equations.length === 0 ? 'primitives and files' : papers(law)
    subjects.set(subject, [...(subjects.get(subject) ?? []), law])
  }
  const sections = [...subjects].map(
    ([subject, own]) => `## Laws of ${subject}\n\n${own.map(entry).join('\n')}`,
  )
  return [
    '# Laws',
    '',
    `${laws.length} statements that hold whatever the question. \`touchstone verify\` tries each on drawn cases, and`,
    '`property-tests/laws.test.ts` through fast-check in three arithmetics; there every law must also notice its planted bug.',
    'This page is made from `src/laws/`; a test holds it to them.',
    '',
    '## Laws of one equation alone',
    '',
    'They ask no other equation, so no bug in the text of another sets them off; `src/laws/own-laws.test.ts` tries each with all',
    'other equations broken, and with its own bug planted in its own equation alone. A bug in a primitive that equations share',
    'sets off laws of all of them.',
    '',
    ...table(),
    '',
    sections.join('\n\n'),
    '',
  ].join('\n')
}

function table(): string[] {
  const rows = catalogue
    .filter(({ id }) => /\/eq\d+$/.test(id))
    .map(({ id }) => {
      const own = ownLawsOf(id, laws).map((law) => law.id)
      return `| ${id} | ${own.length} | ${own.join(', ')} |`
    })
  return ['| equation | laws | which |', '|---|---|---|', ...rows]
}

function papers({ equations }: Law): string {
  const names = [
    equations.some((id) => id.startsWith('stvit/')) ? 'STViT' : '',
    equations.some((id) => id.startsWith('sparsifiner/')) ? 'Sparsifiner' : '',
  ]
  return names.filter((name) => name !== '').join(' and ')
}

function entry({ id, statement, source, equations, mutant }: Law): string {
  const about = equations.length === 0 ? '' : ` Examines ${equations.join(', ')}.`
  return `- **${id}**: ${statement}${about} From: ${source}. Notices: ${mutant.name}.`
}
