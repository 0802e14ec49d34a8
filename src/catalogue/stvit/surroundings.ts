import type { Equation } from '../schema.ts'
import { averagePooling, maxPooling } from './adaptive-pooling.ts'
import { classifier } from './classifier.ts'
import { dumbbell } from './dumbbell.ts'
import { localCrossAttention } from './local-cross-attention.ts'
import { patchEmbedding } from './patch-embedding.ts'
import { stgm } from './stgm.ts'
import { windowRecovery } from './window-recovery.ts'
import { partition, reverse } from './windows.ts'

/** What stands around the equations of STViT. */
export const stvitSurroundings: readonly Equation[] = [
  averagePooling,
  maxPooling,
  partition,
  reverse,
  localCrossAttention,
  stgm,
  windowRecovery,
  dumbbell,
  patchEmbedding,
  classifier,
]
