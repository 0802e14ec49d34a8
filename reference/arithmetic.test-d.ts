import type { Arithmetic, Kinds, Primitive } from './arithmetic.ts'
import { float32Dense, type FullKinds } from './float32/index.ts'

// A rule table is total: what is missing, misnamed or of another type does not compile. `npm run check:types` is the test.

const sound = float32Dense().rules

/** All rules: compiles. */
export const total: Arithmetic<FullKinds> = { ...sound }

const { gelu: _, ...withoutGelu } = sound

// @ts-expect-error -- a rule is missing
export const missing: Arithmetic<FullKinds> = withoutGelu

// @ts-expect-error -- a rule is missing from an object literal too
export const empty: Arithmetic<Kinds> = {}

export const misnamed: Arithmetic<FullKinds> = {
  ...withoutGelu,
  // @ts-expect-error -- misnamed, so missing
  GELU: sound.gelu,
}

// @ts-expect-error -- a rule that gives back another kind
export const mistaken: Arithmetic<FullKinds> = { ...sound, compress: (x) => x }

export const primitive: Primitive = 'gelu'

// @ts-expect-error -- no primitive has this name
export const unknown: Primitive = 'relu'
