/** What runs a graph: an execution provider of ONNX Runtime. */
export const PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** `mixed`: convolutions and matrix products in float16, everything else and all weights in float32. */
export const PRECISIONS = ['float32', 'mixed'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** What a graph is lowered for. */
export interface Target {
  readonly provider: Provider;
  /** Channels in a block of the CPU's blocked kernels; null where there are none, or none may be used. */
  readonly blockSize: number | null;
  /** Default: float32. */
  readonly precision?: Precision;
}

/** Standard ONNX only, as every provider of every ONNX runtime takes it: for exports. */
export const PORTABLE: Target = { provider: 'cpu', blockSize: null };
