import { describe, expect, test } from 'vitest'
import { half, caseOf, messageOf, refuses, accepts, config } from './testing.ts'

describe('config', () => {
  refuses([
    [
      'not JSON',
      config('stvit/eq1', '{heads: 2}'),
      "case.st: config: expected JSON, found {heads: 2} (Expected property name or '}' in JSON at position 1)",
    ],
    [
      'a long array',
      config('stvit/eq1', `["${'y'.repeat(200)}"]`),
      `case.st: config: expected a JSON object, found ["${'y'.repeat(78)}`,
    ],
    [
      'a long list for a number',
      config('sparsifiner/eq2', `{"tau":["${'y'.repeat(200)}"]}`),
      `case.st: config.tau: expected a finite number, found ["${'y'.repeat(78)}`,
    ],
    [
      'nothing at all',
      config('stvit/eq1', ''),
      'case.st: config: expected JSON, found "" (Unexpected end of JSON input)',
    ],
    [
      'a long key',
      config('stvit/eq1', `{"heads":2,"${'k'.repeat(5000)}":1}`),
      `case.st: config: expected a known key, found "${'k'.repeat(80)}…" (known: heads, eps)`,
    ],
    [
      'a value nested deeper than can be written',
      config('stvit/eq1', `{"heads":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      'case.st: config.heads: expected an integer ≥ 1, found what is nested too deep to show',
    ],
    [
      'a long key twice',
      config('stvit/eq1', `{"${'k'.repeat(5000)}":1,"${'k'.repeat(5000)}":1}`),
      `case.st: config: expected each key once, found "${'k'.repeat(80)}…" twice`,
    ],
    ['an array', config('stvit/eq1', '[2]'), 'case.st: config: expected a JSON object, found [2]'],
    ['a string', config('stvit/eq1', '"heads"'), 'case.st: config: expected a JSON object, found "heads"'],
    [
      'a key twice',
      config('stvit/eq1', '{"heads":1,"eps":1e-5,"he\\u0061ds" : 2}'),
      'case.st: config: expected each key once, found "heads" twice',
    ],
    [
      'a key that only a value repeats',
      config('stvit/eq2', '{"heads":2,"residual":"\\"heads\\":\\\\"}'),
      'case.st: config.residual: expected "S1" or "S1+G", found "\\"heads\\":\\\\" (known: S1, S1+G)',
    ],
    ['null', config('stvit/eq1', 'null'), 'case.st: config: expected a JSON object, found null'],
    [
      'an unknown key',
      config('stvit/eq1', '{"heads":2,"epz":1}'),
      'case.st: config: expected a known key, found "epz" (did you mean "eps"?)',
    ],
    [
      'an unknown key like none',
      config('stvit/eq2', '{"heads":2,"dropout":0.1}'),
      'case.st: config: expected a known key, found "dropout" (known: heads, eps, residual)',
    ],
    [
      'a key where there are none',
      config('sparsifiner/eq8', '{"scale":1}'),
      'case.st: config: expected a known key, found "scale" (there are none)',
    ],
    [
      'a key of Object’s',
      config('stvit/eq1', '{"heads":2,"toString":1,"__proto__":1}'),
      'case.st: config: expected a known key, found "toString" (known: heads, eps)',
    ],
    [
      'heads missing',
      config('stvit/eq1', undefined),
      'case.st: config.heads: expected an integer ≥ 1, found nothing (attention heads h; must divide C)',
    ],
    [
      'heads null, that is missing',
      config('stvit/eq1', '{"heads":null}'),
      'case.st: config.heads: expected an integer ≥ 1, found nothing (attention heads h; must divide C)',
    ],
    [
      'heads 0',
      config('stvit/eq1', '{"heads":0}'),
      'case.st: config.heads: expected an integer ≥ 1, found 0',
    ],
    [
      'heads 1.5',
      config('stvit/eq1', '{"heads":1.5}'),
      'case.st: config.heads: expected an integer ≥ 1, found 1.5',
    ],
    [
      'heads as text',
      config('stvit/eq1', '{"heads":"2"}'),
      'case.st: config.heads: expected an integer ≥ 1, found "2"',
    ],
    [
      'heads that do not divide C',
      config('stvit/eq1', '{"heads":3}'),
      'case.st: config.heads: expected a divisor of C = 4, found 3 (nearest: 2)',
    ],
    [
      'heads above C',
      config('stvit/eq3', '{"heads":8}'),
      'case.st: config.heads: expected a divisor of C = 4, found 8 (nearest: 4)',
    ],
    [
      'ws missing',
      config('stvit/eq5', undefined),
      'case.st: config.ws: expected an integer ≥ 1, found nothing (windows along each axis: the map becomes ws × ws tokens)',
    ],
    ['ws 0', config('stvit/eq5', '{"ws":0}'), 'case.st: config.ws: expected an integer ≥ 1, found 0'],
    [
      'ε below 0',
      config('stvit/eq4', '{"eps":-1e-9}'),
      'case.st: config.eps: expected a finite number ≥ 0, found -1e-9',
    ],
    [
      'ε beyond float64',
      config('stvit/eq4', '{"eps":1e999}'),
      'case.st: config.eps: expected a finite number ≥ 0, found Infinity',
    ],
    [
      '−1e999',
      config('sparsifiner/eq2', '{"tau":-1e999}'),
      'case.st: config.tau: expected a finite number, found -Infinity',
    ],
    [
      'a list for a number',
      config('sparsifiner/eq2', '{"tau":[0.05]}'),
      'case.st: config.tau: expected a finite number, found [0.05]',
    ],
    [
      'neither budget nor keep_rate',
      config('sparsifiner/eq3', '{}'),
      'case.st: config: expected exactly one of budget, keep_rate, found none of them',
    ],
    [
      'both budget and keep_rate',
      config('sparsifiner/eq3', '{"budget":1,"keep_rate":0.5}'),
      'case.st: config: expected exactly one of budget, keep_rate, found budget and keep_rate',
    ],
    [
      'budget −1',
      config('sparsifiner/eq3', '{"budget":-1}'),
      'case.st: config.budget: expected an integer ≥ 0, found -1',
    ],
    [
      'budget 1.5',
      config('sparsifiner/eq3', '{"budget":1.5}'),
      'case.st: config.budget: expected an integer ≥ 0, found 1.5',
    ],
    [
      'keep_rate 0',
      config('sparsifiner/eq3', '{"keep_rate":0}'),
      'case.st: config.keep_rate: expected a finite number > 0 and ≤ 1, found 0',
    ],
    [
      'keep_rate 1.5',
      config('sparsifiner/eq3', '{"keep_rate":1.5}'),
      'case.st: config.keep_rate: expected a finite number > 0 and ≤ 1, found 1.5',
    ],
    [
      'keep_rate 2',
      config('sparsifiner/eq3', '{"keep_rate":2}'),
      'case.st: config.keep_rate: expected a finite number > 0 and ≤ 1, found 2',
    ],
    [
      'basis_threshold below 0',
      config('sparsifiner/eq3', '{"budget":1,"basis_threshold":-0.01}'),
      'case.st: config.basis_threshold: expected a finite number ≥ 0, found -0.01',
    ],
    [
      'an unknown choice near one',
      config('sparsifiner/eq4', '{"normalize":"maksed"}'),
      'case.st: config.normalize: expected "full" or "masked", found "maksed" (did you mean "masked"?)',
    ],
    [
      'an unknown choice like none',
      config('stvit/eq2', '{"heads":2,"residual":"none"}'),
      'case.st: config.residual: expected "S1" or "S1+G", found "none" (known: S1, S1+G)',
    ],
    [
      'a list that reads like a choice',
      config('sparsifiner/eq4', '{"normalize":["full"]}'),
      'case.st: config.normalize: expected "full" or "masked", found ["full"]',
    ],
    [
      'a number for a choice',
      config('sparsifiner/eq4', '{"normalize":1}'),
      'case.st: config.normalize: expected "full" or "masked", found 1',
    ],
  ])
  accepts([
    ['no config where nothing is required', config('sparsifiner/eq2', undefined)],
    ['heads of 1', config('stvit/eq1', '{"heads":1}')],
    ['as many heads as channels', config('stvit/eq1', '{"heads":4}')],
    [
      'ws of 1, one window',
      caseOf('stvit/eq5', { 'param.inter.conv.weight': half([16, 2, 1, 1]) }, { config: '{"ws":1}' }),
    ],
    ['ε of 0', config('stvit/eq4', '{"eps":0}')],
    ['budget 0', config('sparsifiner/eq3', '{"budget":0}')],
    ['budget above n, however far', config('sparsifiner/eq3', '{"budget":1e300}')],
    ['keep_rate just above 0', config('sparsifiner/eq3', '{"keep_rate":5e-324}')],
    ['keep_rate 1', config('sparsifiner/eq3', '{"keep_rate":1}')],
    ['basis_threshold 0', config('sparsifiner/eq3', '{"budget":1,"basis_threshold":0}')],
    ['optional keys null, that is missing', config('sparsifiner/eq3', '{"budget":1,"keep_rate":null}')],
    ['one of the choices', config('sparsifiner/eq4', '{"normalize":"masked"}')],
    ['a negative scale', config('sparsifiner/eq4', '{"scale":-0.5}')],
  ])
})

test('a long config that is not JSON is cut', () => {
  const message = messageOf(config('stvit/eq1', `x${'y'.repeat(200)}`))
  expect(message).toMatch(/^case\.st: config: expected JSON, found xy{79} \(/)
})
