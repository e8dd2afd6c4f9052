import type { Precision, Provider } from '../graph/target';

/** What `registerOnnxBackend` may be told. */
export interface OnnxBackendOptions {
  /** Threads ONNX Runtime computes with. Default: all cores. The same number gives the same bits. */
  threads?: number;
  /** What computes: the CPU (default), or a GPU by WebGPU or CUDA. `availableProviders()` lists what is here. */
  provider?: Provider;
  /**
   * `mixed` computes convolutions and matrix products in float16, on GPUs that have it: for training take
   * `mixedPrecision(optimizer)`. Default: float32.
   */
  precision?: Precision;
  /** Compiled graphs kept. Default 64. */
  cachedGraphs?: number;
  /**
   * Native memory in bytes that compiled graphs may hold between runs, as estimated (constants, and the tensors alive
   * at once in a run). Those longest unused are released beyond it. Default: a quarter of the memory there is.
   */
  cacheBytes?: number;
  /** Kernels recorded before a synchronous loop is made to compute what it has so far. Default 5000. */
  pendingKernels?: number;
  /** The same in bytes of tensors made from values, which recorded kernels keep alive. Default: a 16th of memory. */
  pendingBytes?: number;
  /** Use standard ONNX only, even where the CPU has blocked kernels: slower, for comparison. Default false. */
  portableOnly?: boolean;
  /** Throw where tfjs-cpu would have to compute a kernel, instead of counting it in `fallbacks`. Default false. */
  strict?: boolean;
}
