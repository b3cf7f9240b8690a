import { readFileSync } from 'node:fs'
import type { LinearMemory } from '../linear-memory.ts'
import { javascriptKernels } from './javascript/index.ts'
import type { Kernels } from './kernels.ts'

/** The fastest kernels that this machine runs, over the given memory. */
export function loadKernels(linear: LinearMemory): Kernels {
  return wasmKernels(linear) ?? javascriptKernels(linear)
}

/** Undefined where the engine lacks SIMD; a missing or damaged file is an error, not a reason to be slow. */
export function wasmKernels(linear: LinearMemory): Kernels | undefined {
  if (!WebAssembly.validate(SIMD_PROBE)) return undefined
  module ??= new WebAssembly.Module(moduleBytes())
  const instance = new WebAssembly.Instance(module, { env: { memory: linear.memory, abort: unreachable } })
  return instance.exports as unknown as Kernels
}

let module: WebAssembly.Module | undefined

function moduleBytes(): Uint8Array {
  if (typeof BUNDLED_KERNELS === 'string') return Buffer.from(BUNDLED_KERNELS, 'base64')
  return readFileSync(new URL('../../../build/kernels.wasm', import.meta.url))
}

/** A module of one function with one SIMD instruction: (i32.const 0) (i8x16.splat) (drop). */
const SIMD_PROBE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  96,
  0,
  0,
  3,
  2,
  1,
  0,
  10,
  9,
  1,
  7,
  0,
  65,
  0,
  253,
  15,
  26,
  11,
)

function unreachable(): never {
  throw new Error('a kernel aborted')
}
