import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '../src';
import { lunaModel, randomParameters } from './luna-model';

interface Step {
  loss: number;
  gradients: number[][];
  lowerings: Set<string>;
}

/** The loss of one LunaModel step and the gradients of all its 20 parameters. */
async function step(batch: number, size: [number, number, number], portableOnly: boolean): Promise<Step> {
  const backend = registerOnnxBackend({ threads: 2, portableOnly });
  await tf.setBackend('onnx');
  const parameters = randomParameters(3, 4, 64 * size.reduce((product, n) => product * Math.floor(n / 16), 1));
  // A seed at which no ReLU and no pooling winner hangs on the last bit, where rounding would decide.
  const random = seededRandom(7);
  const voxels = batch * size[0] * size[1] * size[2];
  const x = tf.tensor5d(Float32Array.from({ length: voxels }, random.normal), [batch, ...size, 1]);
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: batch }, (_, i) => i % 2),
      'int32',
    ),
    2,
  );
  const { value, grads } = tf.variableGrads(() => tf.losses.softmaxCrossEntropy(labels, lunaModel(x, parameters)));
  const loss = (await value.data())[0]!;
  const gradients = Object.values(grads).map((gradient) => [...gradient.dataSync()]);
  const lowerings = new Set(backend.explain().flatMap((graph) => graph.map((op) => op.lowering)));
  tf.disposeVariables();
  backend.dispose();
  return { loss, gradients, lowerings };
}

/** Largest difference relative to the largest value, over the worst of the parameters. */
function worstDifference(actual: number[][], expected: number[][]): number {
  const ofOne = (a: number[], b: number[]): number => {
    const scale = Math.max(...b.map(Math.abs));
    return Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / scale;
  };
  return Math.max(...actual.map((gradient, i) => ofOne(gradient, expected[i]!)));
}

describe('a LunaModel training step', () => {
  test.each<[string, number, [number, number, number]]>([
    ['one sample', 1, [16, 16, 16]],
    ['a whole block of samples', 16, [16, 16, 16]],
    ['one sample more than a block', 17, [16, 16, 16]],
    ['an odd depth', 2, [17, 16, 16]],
    ['sizes that fit no block', 2, [18, 18, 34]],
  ])('gives the same gradients by blocked and by portable lowerings: %s', async (_, batch, size) => {
    const blocked = await step(batch, size, false);
    const portable = await step(batch, size, true);
    expect(Math.abs(blocked.loss - portable.loss)).toBeLessThan(1e-6);
    expect(worstDifference(blocked.gradients, portable.gradients)).toBeLessThan(2e-4);
    expect([...portable.lowerings].filter((name) => name.startsWith('blocked'))).toEqual([]);
  });

  test('gives the same bits again', async () => {
    const first = await step(16, [16, 16, 16], false);
    const second = await step(16, [16, 16, 16], false);
    expect(second).toEqual(first);
  });
});
