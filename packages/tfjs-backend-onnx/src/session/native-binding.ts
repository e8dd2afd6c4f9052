/**
 * The one file that touches what onnxruntime-node does not publish: its native binding, which can run a session
 * synchronously. TF.js promises `dataSync()`, and the published API only has promises.
 */
import { createRequire } from 'node:module';
import { Tensor } from 'quiet-onnxruntime';
import type { InferenceSession } from 'quiet-onnxruntime';
import { onnxBackendError } from '../errors';
import type { Dtype, Shape, Values } from '../graph/op';
import type { Provider } from '../graph/target';

/**
 * The first and the last minor version that this package was tested with, patches included: kernels, training in worker
 * threads, profiles. All of them train to the same bits. Before widening it, read lib/binding.ts of the new version
 * against this file, run all tests and the benchmarks. (Jest starts a binding once a test file, which 1.27 and 1.29
 * do not survive; programs start it once.)
 */
export const TESTED_ONNXRUNTIME = { first: '1.22', last: '1.30' };

interface NativeTensor {
  readonly type: string;
  readonly dims: Shape;
  readonly data: Values;
}

interface NativeSession {
  loadModel(
    buffer: ArrayBuffer,
    byteOffset: number,
    byteLength: number,
    options: InferenceSession.SessionOptions,
  ): void;
  run(
    feeds: Record<string, Tensor>,
    fetches: Record<string, null>,
    options: InferenceSession.RunOptions,
  ): Record<string, NativeTensor>;
  endProfiling(): void;
  dispose(): void;
}

interface BindingModule {
  binding?: { InferenceSession?: { new (): NativeSession; prototype: Partial<NativeSession> } };
  initOrt?: () => void;
}

export interface Feed {
  values: Values;
  shape: Shape;
  dtype: Dtype;
}

/** A compiled model that runs on the calling thread. */
export interface SyncSession {
  run: (feeds: Readonly<Record<string, Feed>>, outputs: readonly string[]) => Values[];
  /** Runs a model without inputs, and says of what type and shape each output is. */
  evaluate: (outputs: readonly string[]) => NativeTensor[];
  /** Writes the profile; only of a session made with `profilePrefix`. */
  endProfiling: () => void;
  release: () => void;
}

/** ONNX Runtime's own words on stderr. What fails says so in an error too. */
type LogLevel = 3 | 4;
export const LOG_ERRORS: LogLevel = 3;
export const LOG_NOTHING: LogLevel = 4;

/** The version of onnxruntime-node that is installed. */
export function installedOnnxRuntime(): string {
  const manifest = createRequire(__filename)('onnxruntime-node/package.json') as { version: string };
  return manifest.version;
}

let loaded: (new () => NativeSession) | undefined;

function nativeSession(): new () => NativeSession {
  return (loaded ??= load());
}

function load(): new () => NativeSession {
  const version = installedOnnxRuntime();
  let found: BindingModule;
  try {
    found = createRequire(__filename)('onnxruntime-node/dist/binding.js') as BindingModule;
  } catch (error) {
    throw onnxBackendError('ONNX_BACKEND_BINDING_MOVED', { version, missing: 'dist/binding.js', tested }, error);
  }
  return checkBinding(found, version);
}

const tested = `${TESTED_ONNXRUNTIME.first} to ${TESTED_ONNXRUNTIME.last}`;
const METHODS = ['loadModel', 'run', 'endProfiling', 'dispose'] as const;

/**
 * Starts the binding, if it is one that this file knows.
 * @throws ONNX_BACKEND_VERSION, ONNX_BACKEND_BINDING_MOVED
 */
export function checkBinding(found: BindingModule, version: string): new () => NativeSession {
  const minor = (text: string): number => Number(text.split('.')[0]) * 1000 + Number(text.split('.')[1]);
  if (minor(version) < minor(TESTED_ONNXRUNTIME.first) || minor(version) > minor(TESTED_ONNXRUNTIME.last)) {
    throw onnxBackendError('ONNX_BACKEND_VERSION', { version, tested });
  }
  const session = found.binding?.InferenceSession;
  const missing =
    typeof found.initOrt !== 'function' ? 'initOrt' : METHODS.find((method) => !session?.prototype[method]);
  if (missing || !session) throw onnxBackendError('ONNX_BACKEND_BINDING_MOVED', { version, missing: missing!, tested });
  found.initOrt!();
  return session;
}

export interface SessionSettings {
  threads: number;
  /** Default: the CPU. */
  provider?: Provider;
  log?: LogLevel;
  /** Keeps the memory of a run for the next one (default); given back each time, a run takes about a third longer. */
  keepsMemory?: boolean;
  /** Measures every node, and writes that to a file whose path begins so. */
  profilePrefix?: string;
}

/** What the provider lacks, the CPU runs. NCHW is how the graphs are written: NHWC would transpose them again. */
function executionProviders(provider: Provider): InferenceSession.ExecutionProviderConfig[] {
  return [provider === 'webgpu' ? { name: 'webgpu', preferredLayout: 'NCHW' } : provider];
}

/** Compiles a model. Errors are those of ONNX Runtime, as they are. */
export function createSyncSession(
  model: Uint8Array<ArrayBuffer>,
  { threads, provider = 'cpu', log = LOG_NOTHING, keepsMemory = true, profilePrefix }: SessionSettings,
): SyncSession {
  const session = new (nativeSession())();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    logSeverityLevel: log,
    executionProviders: executionProviders(provider),
    enableCpuMemArena: keepsMemory,
    // A pattern planned from the first run would take all its memory again, in one piece beside what the arena holds.
    enableMemPattern: false,
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    // Gradients shrink into denormals, on which AVX is a hundred times slower.
    extra: { session: { set_denormal_as_zero: '1' } },
  });
  return {
    run(feeds, outputs) {
      const tensors: Record<string, Tensor> = {};
      for (const [name, { values, shape, dtype }] of Object.entries(feeds)) {
        tensors[name] = new Tensor(dtype, values, shape);
      }
      const fetches = Object.fromEntries(outputs.map((name) => [name, null]));
      const results = session.run(tensors, fetches, { logSeverityLevel: log });
      return outputs.map((name) => results[name]!.data);
    },
    evaluate(outputs) {
      const fetches = Object.fromEntries(outputs.map((name) => [name, null]));
      const results = session.run({}, fetches, { logSeverityLevel: log });
      return outputs.map((name) => results[name]!);
    },
    endProfiling: () => {
      session.endProfiling();
    },
    release: () => {
      session.dispose();
    },
  };
}
