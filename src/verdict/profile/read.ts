import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { demandEachOnce, jsonOf } from '../../cases/json-keys.ts'
import { hintFor } from '../../cases/suggest.ts'
import { QuestionError } from '../../errors.ts'
import { attempt, inFile } from '../../files.ts'
import { profileSchema, type Profile } from './profile.ts'
import { shippedProfiles } from './shipped.ts'

/**
 * A shipped profile by its name, else the profile in the file of that path.
 * @param asker what an unknown name is laid to: the option or argument that gave it
 * @throws QuestionError for an unknown name, a file that cannot be read, and one that is no profile: the first field that is
 *   wrong
 */
export function profileNamed(name: string, asker = '--profile'): Profile {
  const shipped = shippedProfiles.find((profile) => profile.name === name)
  if (shipped !== undefined) return shipped
  if (!/[./\\]/.test(name) && !existsSync(name)) {
    throw new QuestionError({
      tensor: asker,
      expected: 'a shipped profile or a file',
      found: `"${name}"`,
      hint: hintFor(
        name,
        shippedProfiles.map((profile) => profile.name),
      ),
    })
  }
  return profileIn(name)
}

/** The published schema of a profile file as JSON Schema. */
export function profileJsonSchema(): object {
  return { title: 'Touchstone profile', ...z.toJSONSchema(profileSchema, { io: 'input' }) }
}

function profileIn(file: string): Profile {
  const content = parsed(file)
  const result = profileSchema.safeParse(content)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const path = [...issue.path, ...(unknown === undefined ? [] : [unknown])]
  throw new QuestionError({
    file,
    ...(path.length === 0 ? {} : { tensor: path.join('.') }),
    expected: unknown === undefined ? expectation(issue.message) : 'no such field',
    found: excerpt(valueAt(content, path)),
    hint: '"touchstone profile --schema" prints the schema, "touchstone profile portable" a file to start from',
  })
}

function parsed(file: string): unknown {
  const text = attempt(file, 'a profile that can be read', () => readFileSync(file, 'utf8'))
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    const found = error instanceof SyntaxError ? error.message : 'something else'
    throw new QuestionError({ file, expected: 'a profile as JSON', found })
  }
  inFile(file, () => demandEachOnce('profile', text))
  return content
}

/** `Invalid input: expected number, received string` says twice what was found. */
function expectation(message: string): string {
  return message.replace(/^Invalid (input|option): expected /, '').replace(/, received .*$/, '')
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  let value = content
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

function excerpt(value: unknown): string {
  const text = jsonOf(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
