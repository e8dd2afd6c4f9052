import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The loops of kernels.wat, over their own memory. Addresses are in bytes. */
export interface Kernels {
  memory: { buffer: ArrayBuffer; grow: (pages: number) => number };
  surround: (
    source: number,
    framed: number,
    slices: number,
    rows: number,
    rowBytes: number,
    framedRowBytes: number,
    framedSliceBytes: number,
  ) => void;
  resample: (
    framed: number,
    target: number,
    scratch: number,
    affine: number,
    slices: number,
    rows: number,
    columns: number,
    framedRowBytes: number,
    framedSliceBytes: number,
    frame: number,
  ) => void;
  addNoise: (
    patch: number,
    count: number,
    table: number,
    deviation: number,
    seed0: number,
    seed1: number,
    seed2: number,
    seed3: number,
  ) => void;
}

/** TypeScript knows WebAssembly only as a part of browsers. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
const PAGE_BYTES = 65536;
let compiled: object | undefined;

/** An instance with at least `bytes` of memory. */
export function loadKernels(bytes: number): Kernels {
  compiled ??= new Module(readFileSync(join(__dirname, 'kernels.wasm')));
  const kernels = new Instance(compiled).exports as Kernels;
  kernels.memory.grow(Math.max(0, Math.ceil(bytes / PAGE_BYTES) - 1));
  return kernels;
}
