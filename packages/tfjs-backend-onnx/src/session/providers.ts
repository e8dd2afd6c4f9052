/** Which execution providers can compute here, and what to do where one cannot. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { onnxBackendError } from '../errors';
import { encodeModel } from '../graph/model-proto';
import { ELEMENT_TYPE, OnnxGraph } from '../graph/onnx-graph';
import type { Name } from '../graph/onnx-graph';
import { PRECISIONS, PROVIDERS } from '../graph/target';
import type { Precision, Provider } from '../graph/target';
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

/**
 * On the CPU provider products in float16 take as long as in float32 or longer: most kernels cast to float32 and back.
 * @throws ONNX_BACKEND_PRECISION
 */
export function requirePrecision(provider: Provider, precision: Precision): void {
  const refuse = (reason: string, cause?: unknown) =>
    onnxBackendError('ONNX_BACKEND_PRECISION', { provider, precision, reason }, cause);
  if (!PRECISIONS.includes(precision)) throw refuse(`there are ${PRECISIONS.join(' and ')}`);
  if (precision === 'float32') return;
  if (provider === 'cpu') throw refuse('float16 is no faster than float32 there');
  const failure = tryToCompute(provider, (graph, x) => {
    const half = graph.node('Cast', [x], { to: ELEMENT_TYPE.float16 });
    return graph.node('Cast', [double(graph, half)], { to: ELEMENT_TYPE.float32 });
  });
  if (failure !== null) throw refuse('its device has no float16', failure);
}

/** In the words of Dawn (WebGPU) and of CUDA. */
export function isDeviceLoss(error: unknown): boolean {
  return /device (was |is )?lost|DXGI_ERROR_DEVICE|VK_ERROR_DEVICE_LOST|CUDA (failure|error) (700|719|999)/i.test(
    String(error),
  );
}

const double = (graph: OnnxGraph, x: Name): Name => graph.node('Add', [x, x]);

/** Why a provider cannot compute here, or null where it can. */
function failureOf(provider: Provider): unknown {
  if (!failures.has(provider)) failures.set(provider, tryToCompute(provider, double));
  return failures.get(provider);
}

/** CUDA's part of ONNX Runtime does not ship in the package; asked for without it, ONNX Runtime would complain aloud. */
function missingLibrary(): Error | null {
  const root = dirname(createRequire(__filename).resolve('onnxruntime-node/package.json'));
  const folder = join(root, 'bin', 'napi-v6', process.platform, process.arch);
  const library = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  return existsSync(join(folder, library)) ? null : new Error(`${library} does not lie beside onnxruntime-node's own`);
}

/** @returns what was thrown, or null where nothing was */
function tryToCompute(provider: Provider, say: (graph: OnnxGraph, x: Name) => Name): unknown {
  const missing = provider === 'cuda' ? missingLibrary() : null;
  if (missing) return missing;
  const graph = new OnnxGraph();
  const x = graph.input('x', 'float32', [2]);
  graph.output('y', say(graph, x), 'float32', [2]);
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
