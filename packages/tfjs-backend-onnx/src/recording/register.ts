import { availableParallelism, totalmem } from 'node:os';
// TF.js keeps the gradients of its kernels apart from its core. This is where its CommonJS builds register them.
import '@tensorflow/tfjs-layers';
import { engine, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { OnnxBackend } from './backend';
import type { OnnxBackendOptions } from './options';
import { requirePrecision, requireProvider } from '../session';
import { registerAffineSampleGradient } from './affine-sample';
import { registerGradients } from './gradients';
import { registerReductionGradients } from './reduction-gradients';
import { BACKEND_NAME, registerKernels, registerOwnKernels } from './register-kernels';

/** Above tfjs-cpu (1), so that TF.js picks this one when nobody chose. */
const PRIORITY = 10;

/**
 * Registers the backend `onnx` with TF.js, and replaces one registered before (whose tensors are then lost).
 * @throws ONNX_BACKEND_PROVIDER_UNKNOWN, ONNX_BACKEND_PROVIDER_ABSENT, ONNX_BACKEND_PRECISION
 *
 * ```ts
 * registerOnnxBackend({ threads: 2 });
 * await tf.setBackend('onnx');
 * ```
 */
export function registerOnnxBackend(options: OnnxBackendOptions = {}): OnnxBackend {
  const provider = options.provider ?? 'cpu';
  const precision = options.precision ?? 'float32';
  requireProvider(provider);
  requirePrecision(provider, precision);
  const backend = new OnnxBackend({
    provider,
    precision,
    threads: options.threads ?? availableParallelism(),
    cachedGraphs: options.cachedGraphs ?? 64,
    cacheBytes: options.cacheBytes ?? memoryHere() / 4,
    pendingKernels: options.pendingKernels ?? 5000,
    pendingBytes: options.pendingBytes ?? memoryHere() / 16,
    portableOnly: options.portableOnly ?? false,
    strict: options.strict ?? false,
  });
  if (engine().registryFactory[BACKEND_NAME]) removeBackend(BACKEND_NAME);
  registerBackend(BACKEND_NAME, () => backend, PRIORITY);
  registerKernels();
  registerOwnKernels();
  registerAffineSampleGradient();
  registerGradients();
  registerReductionGradients();
  return backend;
}

/** Bytes that this process may use: those of the machine, or of the container around it. */
function memoryHere(): number {
  // Without a limit it is a number beyond all memory, or 0.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
