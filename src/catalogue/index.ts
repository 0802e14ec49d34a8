import { eq1 as stvitEq1 } from './stvit/eq1.ts'
import { eq2 as stvitEq2 } from './stvit/eq2.ts'
import { eq3 as stvitEq3 } from './stvit/eq3.ts'
import { eq4 as stvitEq4 } from './stvit/eq4.ts'
import { eq5 as stvitEq5 } from './stvit/eq5.ts'
import { eq6 as stvitEq6 } from './stvit/eq6.ts'
import { eq1 as sparsifinerEq1 } from './sparsifiner/eq1.ts'
import { eq2 as sparsifinerEq2 } from './sparsifiner/eq2.ts'
import { eq3 as sparsifinerEq3 } from './sparsifiner/eq3.ts'
import { eq4 as sparsifinerEq4 } from './sparsifiner/eq4.ts'
import { eq5 as sparsifinerEq5 } from './sparsifiner/eq5.ts'
import { eq6 as sparsifinerEq6 } from './sparsifiner/eq6.ts'
import { eq7 as sparsifinerEq7 } from './sparsifiner/eq7.ts'
import { eq8 as sparsifinerEq8 } from './sparsifiner/eq8.ts'
import { eq9 as sparsifinerEq9 } from './sparsifiner/eq9.ts'
import { eq10 as sparsifinerEq10 } from './sparsifiner/eq10.ts'
import { eq11 as sparsifinerEq11 } from './sparsifiner/eq11.ts'
import { eq12 as sparsifinerEq12 } from './sparsifiner/eq12.ts'
import { attention as sparsifinerAttention } from './sparsifiner/attention.ts'
import { linformer as sparsifinerLinformer } from './sparsifiner/linformer.ts'
import { phase1 as sparsifinerPhase1, phase2 as sparsifinerPhase2 } from './sparsifiner/phases.ts'
import { stvitSurroundings } from './stvit/surroundings.ts'
import type { Equation } from './schema.ts'

/** The eighteen equations of the papers, in their order. */
export const equations: readonly Equation[] = [
  stvitEq1,
  stvitEq2,
  stvitEq3,
  stvitEq4,
  stvitEq5,
  stvitEq6,
  sparsifinerEq1,
  sparsifinerEq2,
  sparsifinerEq3,
  sparsifinerEq4,
  sparsifinerEq5,
  sparsifinerEq6,
  sparsifinerEq7,
  sparsifinerEq8,
  sparsifinerEq9,
  sparsifinerEq10,
  sparsifinerEq11,
  sparsifinerEq12,
]

/** What stands around the equations and is made of them: pooling and windows, whole modules, baselines, objectives. */
export const surroundings: readonly Equation[] = [
  ...stvitSurroundings,
  sparsifinerAttention,
  sparsifinerLinformer,
  sparsifinerPhase1,
  sparsifinerPhase2,
]

/** Everything that can be asked. Commands, laws, tests and docs all start here. */
export const catalogue: readonly Equation[] = [...equations, ...surroundings]
