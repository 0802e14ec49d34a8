import { summation, type Summation } from './accumulation.ts'
import type { RuntimeDesign } from './design.ts'
import { roundingTo, type Format, type Round } from './formats.ts'
import { functions, type Functions } from './functions.ts'
import { flush, machine, type Machine } from './machine.ts'

/** What a design comes down to: the steps that its primitives are made of. */
export interface Runtime extends Functions, Summation {
  readonly design: RuntimeDesign
  readonly machine: Machine
  /** Σ xᵢ·yᵢ with operands as the matrix units take them, from `operand`. */
  operand(x: number): number
  /** As a tensor keeps it. */
  store(x: number): number
  /** As an input or param is read. */
  load(x: number): number
}

export function runtimeOf(design: RuntimeDesign): Runtime {
  const { rounding, subnormals, overflow } = design
  const conversion = (format: Format): Round => {
    const round = roundingTo(format, 'nearest', overflow)
    return subnormals === 'flushed' ? (x) => flush(round(x)) : round
  }
  const m = machine('float32', rounding, subnormals, overflow)
  const sums =
    design.accumulator === 'float32' ? m : machine(design.accumulator, rounding, subnormals, overflow)
  return {
    design,
    machine: m,
    ...functions(m, design),
    ...summation(design.accumulate, m, sums),
    operand: conversion(design.matmul),
    store: conversion(design.storage),
    load: conversion(design.inputs),
  }
}
