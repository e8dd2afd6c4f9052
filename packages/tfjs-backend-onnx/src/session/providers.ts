/** Which execution providers can compute here, and what to do where one cannot. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { onnxBackendError } from '../errors';
import { encodeModel } from '../graph/model-proto';
import { OnnxGraph } from '../graph/onnx-graph';
import { PROVIDERS } from '../graph/target';
import type { Provider } from '../graph/target';
import { LOG_NOTHING, createSyncSession } from './native-binding';

const WAYS_OUT: Record<Provider, string> = {
  cpu: 'Reinstall onnxruntime-node: its CPU build ships inside the package.',
  webgpu:
    'WebGPU is reached through Vulkan (Linux), Metal (macOS) or Direct3D 12 (Windows): install the driver of the GPU, and on Linux the loader libvulkan.so.1. ' +
    'Without a GPU use provider "cpu".',
  cuda:
    'Install with ONNXRUNTIME_NODE_INSTALL=cuda12 (Linux x64, an NVIDIA driver, CUDA 12 and cuDNN 9 on LD_LIBRARY_PATH). ' +
    'Without such a GPU use provider "webgpu" or "cpu".',
};

const failures = new Map<Provider, unknown>();

/** The providers that compute on this machine, best known first to last. Asks each once: a GPU may take a second. */
export function availableProviders(): Provider[] {
  return PROVIDERS.filter((provider) => failureOf(provider) === null);
}

/** @throws ONNX_BACKEND_PROVIDER_UNKNOWN, ONNX_BACKEND_PROVIDER_ABSENT */
export function requireProvider(provider: Provider): void {
  if (!PROVIDERS.includes(provider)) {
    throw onnxBackendError('ONNX_BACKEND_PROVIDER_UNKNOWN', { provider, known: PROVIDERS.join(', ') });
  }
  const failure = failureOf(provider);
  if (failure === null) return;
  throw onnxBackendError('ONNX_BACKEND_PROVIDER_ABSENT', { provider, wayOut: WAYS_OUT[provider] }, failure);
}

/** Why a provider cannot compute here, or null where it can. */
function failureOf(provider: Provider): unknown {
  if (!failures.has(provider)) failures.set(provider, tryToCompute(provider));
  return failures.get(provider);
}

/** CUDA's part of ONNX Runtime does not ship in the package; asked for without it, ONNX Runtime would complain aloud. */
function missingLibrary(): Error | null {
  const root = dirname(createRequire(__filename).resolve('onnxruntime-node/package.json'));
  const folder = join(root, 'bin', 'napi-v6', process.platform, process.arch);
  const library = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  return existsSync(join(folder, library)) ? null : new Error(`${library} does not lie beside onnxruntime-node's own`);
}

function tryToCompute(provider: Provider): unknown {
  const missing = provider === 'cuda' ? missingLibrary() : null;
  if (missing) return missing;
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', [2]);
  graph.output('y', graph.node('Add', [x, x]), 'float32', [2]);
  const feed = { values: Float32Array.of(1, 2), shape: [2], dtype: 'float32' as const };
  try {
    const model = encodeModel(graph, { producer: 'probe', metadata: {} });
    const session = createSyncSession(model, { threads: 1, log: LOG_NOTHING, provider });
    try {
      session.run({ x: feed }, ['y']);
      return null;
    } finally {
      session.release();
    }
  } catch (error) {
    return error;
  }
}
