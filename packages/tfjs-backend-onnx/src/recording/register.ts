import { availableParallelism } from 'node:os';
import { engine, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { OnnxBackend } from './backend';
import type { OnnxBackendOptions } from './backend';
import { requireProvider } from '../session';
import { BACKEND_NAME, registerKernels } from './register-kernels';

/** Above tfjs-cpu (1), so that TF.js picks this one when nobody chose. */
const PRIORITY = 10;

/**
 * Registers the backend `onnx` with TF.js, and replaces one registered before (whose tensors are then lost).
 * @throws ONNX_BACKEND_PROVIDER_UNKNOWN, ONNX_BACKEND_PROVIDER_ABSENT
 *
 * ```ts
 * registerOnnxBackend({ threads: 2 });
 * await tf.setBackend('onnx');
 * ```
 */
export function registerOnnxBackend(options: OnnxBackendOptions = {}): OnnxBackend {
  const provider = options.provider ?? 'cpu';
  requireProvider(provider);
  const backend = new OnnxBackend({
    provider,
    threads: options.threads ?? availableParallelism(),
    cachedGraphs: options.cachedGraphs ?? 32,
    pendingKernels: options.pendingKernels ?? 5000,
    portableOnly: options.portableOnly ?? false,
    strict: options.strict ?? false,
  });
  if (engine().registryFactory[BACKEND_NAME]) removeBackend(BACKEND_NAME);
  registerBackend(BACKEND_NAME, () => backend, PRIORITY);
  registerKernels();
  return backend;
}
