/**
 * Touchstone as a library: the reference, cases, judging and laws behind the command line.
 *
 * @example judge a runtime's answer
 * const { question, outputs } = readCase(readTensorFile('answer.safetensors'))
 * const { verdict } = judge.judge(question, outputs)
 *
 * @example a question, drawn from a seed, and the reference’s answer
 * const question = sample(findEquation('stvit/eq1'), 7, { config: { heads: 2 } })
 * writeTensorFile('question.safetensors', writeCase(question))
 * const answer = arithmeticNamed('float32').answer(question)
 */

// the reference: equations over a closed list of primitives, and arithmetics that run them
export type { Arithmetic, Kinds, Primitive, Windows } from '../reference/arithmetic.ts'
export { withRule } from '../reference/arithmetic.ts'
export type { Evaluator, MaskArray, Value } from '../reference/evaluator.ts'
export { float32, float32Dense } from '../reference/float32/index.ts'
export type { FullKinds, RowKinds, Work } from '../reference/float32/index.ts'
export * as sparsifiner from '../reference/sparsifiner/index.ts'
export * as stvit from '../reference/stvit/index.ts'
export { ShapeError } from '../reference/shape-error.ts'
export { tensor } from '../reference/tensor.ts'
export type { Real, Shape, Tensor } from '../reference/tensor.ts'
export { exactAnswers } from './arithmetics/exact.ts'
export { evaluate } from './arithmetics/evaluate.ts'
export { float64 } from './arithmetics/float64.ts'
export { arithmeticNamed, arithmetics } from './arithmetics/index.ts'
export { designFields, plainDesign } from './arithmetics/simulated/design.ts'
export type { RuntimeDesign } from './arithmetics/simulated/design.ts'
export { simulated } from './arithmetics/simulated/index.ts'
export { formatDesign, parseDesign } from './arithmetics/simulated/parse-design.ts'
export type { Answerer } from './arithmetics/index.ts'

// the catalogue and cases
export { catalogue, equations, surroundings } from './catalogue/index.ts'
export { findProbe, probeQuestion, probes, probesFor } from './catalogue/probes/index.ts'
export type { Probe } from './catalogue/probes/index.ts'
export { sample } from './catalogue/sample.ts'
export type { SampleOptions } from './catalogue/sample.ts'
export type { Config, ConfigSpec, Equation, ExposedSpec, TensorSpec } from './catalogue/schema.ts'
export { findEquation } from './cases/names.ts'
export { buildQuestion } from './cases/question.ts'
export type { Question } from './cases/question.ts'
export type { Dtype, RawTensor, TensorFile } from './cases/raw-tensor.ts'
export { readCase } from './cases/read-case.ts'
export type { Case, ReadOptions } from './cases/read-case.ts'
export { decode, encode } from './cases/safetensors.ts'
export { readTensorFile, writeTensorFile } from './cases/tensor-files.ts'
export { rawOf, withOutputs, writeCase } from './cases/write-case.ts'
export { QuestionError } from './errors.ts'
export type { Complaint } from './errors.ts'

// judging
export { judge } from './verdict/index.ts'
export { judgeUnder } from './verdict/judge/index.ts'
export type { Comparison, Judge, Judgement, OutputJudgement, Verdict, Worst } from './verdict/judgement.ts'
export type { Format, Profile } from './verdict/profile/profile.ts'
export { profileNamed } from './verdict/profile/read.ts'
export { shippedProfiles } from './verdict/profile/shipped.ts'
export { ulpDistance } from './verdict/ulp.ts'

// laws
export { laboratory, LawBroken, laws } from './laws/index.ts'
export type { Law, Trial } from './laws/index.ts'
