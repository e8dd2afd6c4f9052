/**
 * Prints this CPU's block size, and how far its blocked lowerings are from the portable ones. A process of its own, to
 * be run as on another CPU: qemu-x86_64 -cpu Haswell node --require tsx/cjs blocks-child.ts
 */
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from '../../src';
import { blockSize } from '../../src/session';
import { lunaModel, randomParameters } from '../luna-model';
import { difference, read } from './parity';
import type { Result } from './parity';

export interface BlocksFinding {
  name: string;
  worst: number;
  /** The blocked lowerings that were taken. */
  blocked: string[];
}

type Network = () => Promise<Result[]>;

function values(shape: number[], seed: number): tf.Tensor {
  return tf.randomUniform(shape, -1, 1, 'float32', seed);
}

/** The loss and all gradients of three blocks of LunaModel: 1, 8, 16 and 32 channels. */
function luna(batch: number, depth: number): Network {
  return () => {
    const parameters = randomParameters(3, 3, 32 * Math.floor(depth / 8));
    const x = values([batch, depth, 8, 8, 1], 5) as tf.Tensor5D;
    const labels = tf.oneHot(tf.mod(tf.range(0, batch, 1, 'int32'), tf.scalar(2, 'int32')), 2);
    const { value, grads } = tf.variableGrads(() => tf.losses.softmaxCrossEntropy(labels, lunaModel(x, parameters)));
    return read([value, ...Object.values(grads)]);
  };
}

/** Two convolutions with strides and a shortcut, as in a residual network, and their gradients. */
function residual(rank: 2 | 3, stride: number): Network {
  return () => {
    const spatial = Array<number>(rank).fill(6);
    const conv = (x: tf.Tensor, filter: tf.Tensor, step: number): tf.Tensor =>
      rank === 2
        ? tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, step, 'same')
        : tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, step, 'same');
    const network = (...[x, first, second, shortcut]: tf.Tensor[]): tf.Tensor =>
      tf.relu(tf.add(conv(tf.relu(conv(x!, first!, stride)), second!, 1), conv(x!, shortcut!, stride)));
    const kernel = (size: number, inner: number, outer: number, seed: number): tf.Tensor =>
      values([...Array<number>(rank).fill(size), inner, outer], seed);
    const inputs = [values([2, ...spatial, 8], 1), kernel(3, 8, 16, 2), kernel(3, 16, 16, 3), kernel(1, 8, 16, 4)];
    return read([network(...inputs), ...tf.grads(network)(inputs)]);
  };
}

const NETWORKS: Record<string, Network> = {
  'LunaModel, two samples': luna(2, 8),
  'LunaModel, a block of samples and one more, odd depth': luna(9, 9),
  'residual, 2D': residual(2, 1),
  'residual, 2D, strided': residual(2, 2),
  'residual, 3D': residual(3, 1),
  'residual, 3D, strided': residual(3, 2),
};

async function run(network: Network, portableOnly: boolean): Promise<{ results: Result[]; lowerings: Set<string> }> {
  const backend = registerOnnxBackend({ threads: 1, portableOnly });
  await tf.setBackend('onnx');
  const results = await network();
  const lowerings = new Set(backend.explain().flatMap((graph) => graph.map(({ lowering }) => lowering)));
  tf.disposeVariables();
  backend.dispose();
  return { results, lowerings };
}

async function main(): Promise<void> {
  console.log(JSON.stringify({ block: blockSize() }));
  for (const [name, network] of Object.entries(NETWORKS)) {
    const blocked = await run(network, false);
    const portable = await run(network, true);
    const worst = Math.max(...blocked.results.map((result, i) => difference(result, portable.results[i]!)));
    const names = [...blocked.lowerings].filter((lowering) => lowering.startsWith('blocked'));
    console.log(JSON.stringify({ name, worst, blocked: names } satisfies BlocksFinding));
  }
}

if (require.main === module) void main();
