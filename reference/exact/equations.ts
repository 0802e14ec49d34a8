import type { Ask, Named } from './ask.ts'
import { attention as sparsifinerAttention } from './sparsifiner/attention.ts'
import { eq1 as sparsifinerEq1 } from './sparsifiner/eq1.ts'
import { eq10 as sparsifinerEq10 } from './sparsifiner/eq10.ts'
import { eq11 as sparsifinerEq11 } from './sparsifiner/eq11.ts'
import { eq12 as sparsifinerEq12 } from './sparsifiner/eq12.ts'
import { eq2 as sparsifinerEq2 } from './sparsifiner/eq2.ts'
import { eq3 as sparsifinerEq3 } from './sparsifiner/eq3.ts'
import { eq4 as sparsifinerEq4 } from './sparsifiner/eq4.ts'
import { eq5 as sparsifinerEq5 } from './sparsifiner/eq5.ts'
import { eq6 as sparsifinerEq6 } from './sparsifiner/eq6.ts'
import { eq7 as sparsifinerEq7 } from './sparsifiner/eq7.ts'
import { eq8 as sparsifinerEq8 } from './sparsifiner/eq8.ts'
import { eq9 as sparsifinerEq9 } from './sparsifiner/eq9.ts'
import { linformer as sparsifinerLinformer } from './sparsifiner/linformer.ts'
import { phase1 as sparsifinerPhase1, phase2 as sparsifinerPhase2 } from './sparsifiner/objective.ts'
import { adaptiveAveragePooling, adaptiveMaxPooling } from './stvit/adaptive-pooling.ts'
import { classifier } from './stvit/classifier.ts'
import { dumbbell } from './stvit/dumbbell.ts'
import { eq1 as stvitEq1 } from './stvit/eq1.ts'
import { eq2 as stvitEq2 } from './stvit/eq2.ts'
import { eq3 as stvitEq3 } from './stvit/eq3.ts'
import { eq4 as stvitEq4 } from './stvit/eq4.ts'
import { eq5 as stvitEq5 } from './stvit/eq5.ts'
import { eq6 as stvitEq6 } from './stvit/eq6.ts'
import { localCrossAttention } from './stvit/local-cross-attention.ts'
import { patchEmbedding } from './stvit/patch-embedding.ts'
import { stgm } from './stvit/stgm.ts'
import { windowRecovery } from './stvit/window-recovery.ts'
import { windowPartition, windowReverse } from './stvit/windows.ts'

/** The scalar transcription of every equation and of what stands around them, by id. */
export const equations: ReadonlyMap<string, (ask: Ask) => Named> = new Map([
  ['stvit/eq1', stvitEq1],
  ['stvit/eq2', stvitEq2],
  ['stvit/eq3', stvitEq3],
  ['stvit/eq4', stvitEq4],
  ['stvit/eq5', stvitEq5],
  ['stvit/eq6', stvitEq6],
  ['sparsifiner/eq1', sparsifinerEq1],
  ['sparsifiner/eq2', sparsifinerEq2],
  ['sparsifiner/eq3', sparsifinerEq3],
  ['sparsifiner/eq4', sparsifinerEq4],
  ['sparsifiner/eq5', sparsifinerEq5],
  ['sparsifiner/eq6', sparsifinerEq6],
  ['sparsifiner/eq7', sparsifinerEq7],
  ['sparsifiner/eq8', sparsifinerEq8],
  ['sparsifiner/eq9', sparsifinerEq9],
  ['sparsifiner/eq10', sparsifinerEq10],
  ['sparsifiner/eq11', sparsifinerEq11],
  ['sparsifiner/eq12', sparsifinerEq12],
  ['sparsifiner/attention', sparsifinerAttention],
  ['sparsifiner/linformer', sparsifinerLinformer],
  ['sparsifiner/phase1', sparsifinerPhase1],
  ['sparsifiner/phase2', sparsifinerPhase2],
  ['stvit/adaptive-average-pooling', adaptiveAveragePooling],
  ['stvit/adaptive-max-pooling', adaptiveMaxPooling],
  ['stvit/window-partition', windowPartition],
  ['stvit/window-reverse', windowReverse],
  ['stvit/local-cross-attention', localCrossAttention],
  ['stvit/stgm', stgm],
  ['stvit/window-recovery', windowRecovery],
  ['stvit/dumbbell', dumbbell],
  ['stvit/patch-embedding', patchEmbedding],
  ['stvit/classifier', classifier],
])
