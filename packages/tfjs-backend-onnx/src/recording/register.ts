import { availableParallelism } from 'node:os';
import { engine, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { OnnxBackend } from './backend';
import type { OnnxBackendOptions } from './backend';
import { BACKEND_NAME, registerKernels } from './register-kernels';

/** Above tfjs-cpu (1), so that TF.js picks this one when nobody chose. */
const PRIORITY = 10;

/**
 * Registers the backend `onnx` with TF.js, and replaces one registered before (whose tensors are then lost).
 *
 * ```ts
 * registerOnnxBackend({ threads: 2 });
 * await tf.setBackend('onnx');
 * ```
 */
export function registerOnnxBackend(options: OnnxBackendOptions = {}): OnnxBackend {
  const backend = new OnnxBackend({
    threads: options.threads ?? availableParallelism(),
    cachedGraphs: options.cachedGraphs ?? 32,
    pendingKernels: options.pendingKernels ?? 5000,
    portableOnly: options.portableOnly ?? false,
  });
  if (engine().registryFactory[BACKEND_NAME]) removeBackend(BACKEND_NAME);
  registerBackend(BACKEND_NAME, () => backend, PRIORITY);
  registerKernels();
  return backend;
}
