import { trainingError } from '../errors';
import type { NamedArray, NamedArrays } from '../models';
import { readNpz } from './npz';

const BATCH_NORM = {
  'tail_batchnorm/gamma': 'tail_batchnorm.weight',
  'tail_batchnorm/beta': 'tail_batchnorm.bias',
  'tail_batchnorm/moving_mean': 'tail_batchnorm.running_mean',
  'tail_batchnorm/moving_variance': 'tail_batchnorm.running_var',
};

/**
 * A LunaModel's weights as PyTorch names and lays them out (an .npz of its `state_dict`), in the names and layouts of
 * this project's network: kernels `OIDHW` → `DHWIO`, and the head's rows from the flatten order C, D, H, W to D, H, W, C.
 * Fails with TRAINING_NPZ_INVALID and TRAINING_WEIGHTS_MISMATCH.
 *
 * ```ts
 * network.setWeights(lunaWeightsFromPytorch(await readFile('weights.npz'), { channels: [8, 16, 32, 64], patchSize }));
 * ```
 */
export function lunaWeightsFromPytorch(
  npz: Uint8Array,
  { channels, patchSize }: { channels: readonly number[]; patchSize: readonly [number, number, number] },
): NamedArrays {
  const source = readNpz(npz);
  const take = (name: string): NamedArray => {
    const array = source[name];
    if (!array) throw trainingError('TRAINING_WEIGHTS_MISMATCH', { reason: `${name} is missing` });
    return array;
  };
  const weights: NamedArrays = {};
  for (const [ours, theirs] of Object.entries(BATCH_NORM)) weights[ours] = take(theirs);
  channels.forEach((_, index) => {
    for (const part of [1, 2]) {
      const [ours, theirs] = [`block${index + 1}_conv${part}`, `block${index + 1}.conv${part}`];
      weights[`${ours}/kernel`] = transpose(expectRank(take(`${theirs}.weight`), 5, theirs), [2, 3, 4, 1, 0]);
      weights[`${ours}/bias`] = take(`${theirs}.bias`);
    }
  });
  weights['head_linear/kernel'] = headKernel(take('head_linear.weight'), channels.at(-1)!, channels.length, patchSize);
  weights['head_linear/bias'] = take('head_linear.bias');
  return weights;
}

/** `[classes, C·D·H·W]` → `[D·H·W·C, classes]`. */
function headKernel(
  array: NamedArray,
  lastChannels: number,
  blocks: number,
  patchSize: readonly [number, number, number],
): NamedArray {
  const [depth, height, width] = patchSize.map((voxels) => Math.floor(voxels / 2 ** blocks)) as [
    number,
    number,
    number,
  ];
  const { shape, data } = expectRank(array, 2, 'head_linear');
  const features = lastChannels * depth * height * width;
  if (shape[1] !== features) {
    const reason = `head_linear.weight has ${String(shape[1])} inputs, ${features} expected for this network`;
    throw trainingError('TRAINING_WEIGHTS_MISMATCH', { reason });
  }
  const spread = { shape: [shape[0]!, lastChannels, depth, height, width], data };
  return { shape: [features, shape[0]!], data: transpose(spread, [2, 3, 4, 1, 0]).data };
}

function expectRank(array: NamedArray, rank: number, name: string): NamedArray {
  if (array.shape.length === rank) return array;
  const reason = `${name}.weight has rank ${array.shape.length}, ${rank} expected`;
  throw trainingError('TRAINING_WEIGHTS_MISMATCH', { reason });
}

/** `result[i…] = array[…]` with axis `k` of the result being axis `order[k]` of the array. */
function transpose({ shape, data }: NamedArray, order: readonly number[]): NamedArray {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const newShape = order.map((axis) => shape[axis]!);
  const result = new Float32Array(data.length);
  const index = newShape.map(() => 0);
  for (let to = 0; to < result.length; to++) {
    result[to] = data[index.reduce((from, at, k) => from + at * strides[order[k]!]!, 0)]!;
    for (let k = index.length - 1; k >= 0 && ++index[k]! === newShape[k]; k--) index[k] = 0;
  }
  return { shape: newShape, data: result };
}
