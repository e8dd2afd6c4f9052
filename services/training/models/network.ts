import * as tf from '@tensorflow/tfjs-core';

/** One array of numbers with its shape, outside of any engine: what checkpoints, imports and exports carry. */
export interface NamedArray {
  shape: number[];
  data: Float32Array;
}

/** By stable names such as `block1_conv1/kernel`. */
export type NamedArrays = Record<string, NamedArray>;

/** Copies a tensor out of the engine. */
export async function toNamedArray(tensor: tf.Tensor): Promise<NamedArray> {
  return { shape: [...(tensor.shape as number[])], data: Float32Array.from(await tensor.data()) };
}

/** Overwrites a variable with a copy of the array, whose shape must be the variable's. */
export function assignArray(variable: tf.Variable, { shape, data }: NamedArray): void {
  tf.tidy(() => {
    variable.assign(tf.tensor(data.slice(), shape));
  });
}

export interface Parameter {
  name: string;
  variable: tf.Variable;
}

export interface Scores {
  /** `[batch, classes]`, before the softmax. */
  logits: tf.Tensor2D;
  /** `[batch, classes]`, the rows sum to 1. */
  probabilities: tf.Tensor2D;
}

/** A network that lives on the current TF.js engine. */
export interface Network {
  /** What the optimizer moves, in a fixed order. */
  readonly parameters: readonly Parameter[];
  /** `patch` is raw HU `[batch, 1, slices, rows, columns]`; the network clips it itself. In training, batch statistics are used and tracked. */
  forward: (patch: tf.Tensor, mode: { training: boolean }) => Scores;
  /** Copies of all weights, running statistics included. */
  weights: () => Promise<NamedArrays>;
  /** Fails with TRAINING_WEIGHTS_MISMATCH when a name is missing or a shape differs. */
  setWeights: (weights: NamedArrays) => void;
  /** Divides the logits from now on by this number, in the weights of the layer that gives them. */
  divideLogits: (divisor: number) => Promise<void>;
  /** In the form that `tf.loadLayersModel` reads. */
  save: () => Promise<tf.io.ModelArtifacts>;
  dispose: () => void;
}
