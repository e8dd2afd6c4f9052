import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from 'tfjs-backend-onnx';

export type BackendName = 'onnx' | 'wasm';

export async function startBackend(name: BackendName, threads: number): Promise<void> {
  if (name === 'onnx') registerOnnxBackend({ threads });
  else {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(createRequire(__filename).resolve('@tensorflow/tfjs-backend-wasm')), sep));
    wasm.setThreadsCount(threads);
  }
  await tf.setBackend(name);
}
