import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend, type OnnxBackend } from 'tfjs-backend-onnx';

export type BackendName = 'onnx' | 'wasm';

/** @returns our backend, which can compile functions; null for the other one */
export async function startBackend(name: BackendName, threads: number): Promise<OnnxBackend | null> {
  const onnx = name === 'onnx' ? registerOnnxBackend({ threads }) : null;
  if (onnx === null) {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(createRequire(__filename).resolve('@tensorflow/tfjs-backend-wasm')), sep));
    wasm.setThreadsCount(threads);
  }
  await tf.setBackend(name);
  return onnx;
}
