import type { Signature } from 'model-bundle';
import type { TunedGraph } from 'tfjs-backend-onnx';
import type { CroppedCandidates, PatchSource } from '../patches';

/** What an inference worker is started with. */
export interface WorkerSetup {
  onnx: Uint8Array;
  signature: Signature;
  threads: number;
}

/** Values of one tensor by name, the rows of a batch one after the other. */
export type Rows = Record<string, Float32Array>;

export type InferenceJob =
  | { kind: 'run'; inputs: Rows; rows: number }
  /** Reading a CT and cutting patches from it takes seconds of CPU, so it is done off the event loop too. */
  | { kind: 'crop'; source: PatchSource }
  /** Runs go by these graphs from then on. */
  | { kind: 'adopt'; graphs: readonly TunedGraph[] };

export type InferenceResult =
  { kind: 'run'; outputs: Rows } | { kind: 'crop'; cropped: CroppedCandidates } | { kind: 'adopt' };
