import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';
import { trainingError } from '../errors';
import { assignArray, toNamedArray, type NamedArrays, type Network, type Scores } from './network';

export interface LunaModelOptions {
  /** Output channels of each block; the number of blocks is its length. */
  channels: readonly number[];
  /** Slices, rows, columns. */
  patchSize: readonly [number, number, number];
  /** Hounsfield units that tell something; what lies outside is clipped. */
  clip: readonly [number, number];
  /** Slices, rows, columns in the middle of the patch that the network looks at; the whole patch when left out. */
  crop?: readonly [number, number, number] | null;
  seed: number;
}

const CLASSES = 2;

/**
 * The 3D CNN of "Deep Learning with PyTorch" (Stevens, Antiga, Viehmann, 2020, ch. 11): batch normalisation of the
 * one input channel, blocks of conv3×3×3, ReLU, conv3×3×3, ReLU, max-pool 2, and one linear layer.
 * Built of stock layers only, so that `tf.loadLayersModel` reads what `save` writes.
 */
export function createLunaModel(options: LunaModelOptions): Network {
  const model = buildLayers(options);
  const weights = new Map(model.weights.map((weight) => [weight.originalName, weight]));

  const network: Network = {
    parameters: model.trainableWeights.map((weight) => ({ name: weight.originalName, variable: variableOf(weight) })),

    forward: (patch, { training }) =>
      tf.tidy(() => {
        const { patchSize, clip } = options;
        // One channel: NCDHW and NDHWC are the same bytes.
        const voxels = tf.reshape(tf.clipByValue(patch, ...clip), [-1, ...patchSize, 1]);
        const [logits, probabilities] = model.apply(voxels, { training }) as tf.Tensor2D[];
        return { logits: logits!, probabilities: probabilities! } satisfies Scores;
      }),

    async weights() {
      const entries = [...weights].map(async ([name, weight]) => [name, await toNamedArray(weight.read())] as const);
      return Object.fromEntries(await Promise.all(entries));
    },

    setWeights(arrays) {
      for (const [name, weight] of weights) {
        const array = arrays[name];
        if (!array) throw trainingError('TRAINING_WEIGHTS_MISMATCH', { reason: `${name} is missing` });
        if (array.shape.join() !== weight.shape.join()) {
          const reason = `${name} has the shape [${array.shape.join()}], [${weight.shape.join()}] expected`;
          throw trainingError('TRAINING_WEIGHTS_MISMATCH', { reason });
        }
        assignArray(variableOf(weight), array);
      }
    },

    async divideLogits(divisor) {
      const arrays = await network.weights();
      for (const name of ['head_linear/kernel', 'head_linear/bias']) {
        const { shape, data } = arrays[name]!;
        arrays[name] = { shape, data: data.map((value) => value / divisor) };
      }
      network.setWeights(arrays);
    },

    save() {
      return new Promise((resolve, reject) => {
        const handler = tf.io.withSaveHandler((artifacts) => {
          resolve(artifacts);
          return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
        });
        model.save(handler).catch(reject);
      });
    },

    dispose() {
      model.dispose();
    },
  };
  network.setWeights(kaimingNormal(network, options.seed));
  return network;
}

function buildLayers({ channels, patchSize, crop }: LunaModelOptions): tfl.LayersModel {
  const field = crop ?? patchSize;
  const [slices, rows, columns] = field;
  const zeros = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
  if (field.some((voxels) => voxels < 2 ** channels.length)) {
    throw trainingError('TRAINING_PATCH_TOO_SMALL', { size: field.join('×'), blocks: channels.length });
  }
  if (field.some((voxels, axis) => voxels > patchSize[axis]! || (patchSize[axis]! - voxels) % 2 !== 0)) {
    throw trainingError('TRAINING_CROP_INVALID', { crop: field.join('×'), size: patchSize.join('×') });
  }
  const input = tfl.input({ shape: [...patchSize, 1], name: 'patch' });
  const middle = crop ? cropMiddle(input, patchSize, crop) : input;

  // TF.js's batch normalisation refuses rank 5; slices and rows may share an axis, since statistics run over both.
  // Momentum and epsilon are PyTorch's defaults (its momentum 0.1 is 0.9 here).
  let x = tfl.layers.reshape({ targetShape: [slices * rows, columns, 1], name: 'slices_as_rows' }).apply(middle);
  x = tfl.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5, name: 'tail_batchnorm' }).apply(x);
  x = tfl.layers.reshape({ targetShape: [slices, rows, columns, 1], name: 'rows_as_slices' }).apply(x);

  channels.forEach((filters, index) => {
    for (const part of [1, 2]) {
      const name = `block${index + 1}_conv${part}`;
      x = tfl.layers.conv3d({ filters, kernelSize: 3, padding: 'same', activation: 'relu', name, ...zeros }).apply(x);
    }
    x = tfl.layers.maxPooling3d({ poolSize: 2, strides: 2, name: `block${index + 1}_maxpool` }).apply(x);
  });

  x = tfl.layers.flatten({ name: 'flatten' }).apply(x);
  const logits = tfl.layers.dense({ units: CLASSES, name: 'head_linear', ...zeros }).apply(x) as tfl.SymbolicTensor;
  const probabilities = tfl.layers.softmax({ name: 'head_softmax' }).apply(logits) as tfl.SymbolicTensor;
  return tfl.model({ inputs: input, outputs: [logits, probabilities], name: 'luna' });
}

/** TF.js crops two axes of four: first slices and rows, with the columns as channels, then the columns. */
function cropMiddle(
  input: tfl.SymbolicTensor,
  [slices, rows, columns]: readonly [number, number, number],
  crop: readonly [number, number, number],
): tfl.SymbolicTensor {
  const edges = (size: number, kept: number): [number, number] => [(size - kept) / 2, (size - kept) / 2];
  let x = tfl.layers.reshape({ targetShape: [slices, rows, columns], name: 'columns_as_channels' }).apply(input);
  const inSlices = [edges(slices, crop[0]), edges(rows, crop[1])] as [[number, number], [number, number]];
  x = tfl.layers.cropping2D({ cropping: inSlices, name: 'crop_slices_and_rows' }).apply(x);
  x = tfl.layers.reshape({ targetShape: [crop[0] * crop[1], columns, 1], name: 'columns_as_columns' }).apply(x);
  const inColumns = [[0, 0], edges(columns, crop[2])] as [[number, number], [number, number]];
  return tfl.layers.cropping2D({ cropping: inColumns, name: 'crop_columns' }).apply(x) as tfl.SymbolicTensor;
}

/** TF.js types a weight's value as a tensor; it is the variable itself. */
function variableOf(weight: tfl.LayerVariable): tf.Variable {
  const value: unknown = weight.read();
  return value as tf.Variable;
}

/**
 * Kaiming-normal kernels and zero biases. The fan is the fan-in (He et al. 2015, eq. 10), which keeps the signal's size
 * from layer to layer; with the fan-out it would fall eightfold on the way, since channels grow.
 */
function kaimingNormal(network: Network, seed: number): NamedArrays {
  const random = seededRandom(seed).fork('initial weights');
  const arrays: NamedArrays = {
    'tail_batchnorm/moving_mean': { shape: [1], data: Float32Array.of(0) },
    'tail_batchnorm/moving_variance': { shape: [1], data: Float32Array.of(1) },
  };
  for (const { name, variable } of network.parameters) {
    const data = new Float32Array(variable.size);
    if (name.endsWith('/gamma')) data.fill(1);
    if (name.endsWith('/kernel')) {
      const stream = random.fork(name);
      const fanIn = variable.size / variable.shape.at(-1)!;
      // A ReLU halves the signal's power; the head has none.
      const gain = name.startsWith('head_') ? 1 : 2;
      const deviation = Math.sqrt(gain / fanIn);
      for (let i = 0; i < data.length; i++) data[i] = deviation * stream.normal();
    }
    arrays[name] = { shape: [...variable.shape], data };
  }
  return arrays;
}
