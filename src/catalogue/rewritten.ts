import type { Condition, ExposedSpec, TensorSpec } from './schema.ts'

/** Params under a prefix that ends in a dot, those they come with too. */
export function prefixed(
  prefix: string,
  specs: Readonly<Record<string, TensorSpec>>,
): Record<string, TensorSpec> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      `${prefix}${name}`,
      spec.partner === undefined ? spec : { ...spec, partner: `${prefix}${spec.partner}` },
    ]),
  )
}

/** Params of `extent` layers stacked along a new first axis. */
export function stacked(
  extent: string,
  specs: Readonly<Record<string, TensorSpec>>,
): Record<string, TensorSpec> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { ...spec, dims: [extent, ...spec.dims], fill: spec.fill === 'weight' ? 'weights' : spec.fill },
    ]),
  )
}

/**
 * What a text exposes inside another one: names and the params they need under prefixes that end in a dot; none of it an output
 * there; `without` what is not exposed.
 */
export function exposedInside(
  prefix: string,
  params: string,
  specs: Readonly<Record<string, ExposedSpec>>,
  without: readonly string[] = [],
): Record<string, ExposedSpec> {
  return Object.fromEntries(
    Object.entries(specs)
      .filter(([name]) => !without.includes(name))
      .map(([name, { dims, needs, when }]) => [
        `${prefix}${name}`,
        {
          dims,
          ...(needs === undefined ? {} : { needs: `${params}${needs}` }),
          ...(when === undefined ? {} : { when }),
        },
      ]),
  )
}

/** Specs that all belong to one config. */
export function only<S extends TensorSpec | ExposedSpec>(
  when: Condition,
  specs: Readonly<Record<string, S>>,
): Record<string, S> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { ...spec, when }]))
}

/** What is exposed once for each of `extent` windows: that axis after the leading dimensions. */
export function perWindow(
  extent: string,
  specs: Readonly<Record<string, ExposedSpec>>,
): Record<string, ExposedSpec> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { ...spec, dims: ['..', extent, ...spec.dims.slice(1)] },
    ]),
  )
}
