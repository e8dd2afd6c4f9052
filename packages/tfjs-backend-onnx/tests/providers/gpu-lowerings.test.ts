import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '../../src';
import { CASES } from './cases';
import { recordStep, withGradients } from './recorded';

const WINDOWS = CASES.filter(({ name }) => /^conv|[pP]ool/.test(name));

beforeAll(async () => {
  registerOnnxBackend({ threads: 1 });
  await tf.setBackend('onnx');
});

describe.each(['webgpu', 'cuda'] as const)('the lowerings for %s are standard ONNX, and right', (provider) => {
  test.each(WINDOWS)('$name', ({ compute, shapes, gradients = true }) => {
    const random = seededRandom(3);
    const inputs = shapes.map((shape) => Float32Array.from({ length: tf.util.sizeFromShape(shape) }, random.normal));
    const named = gradients ? withGradients(compute) : (...given: tf.Tensor[]) => ({ y: compute(...given) });
    const portable = recordStep(named, shapes, { provider: 'cpu', blockSize: null });
    const own = recordStep(named, shapes, { provider, blockSize: null });
    const [expected, actual] = [portable.run(inputs), own.run(inputs)];
    for (const [output, values] of Object.entries(expected)) {
      const scale = Math.max(1, ...values.map(Math.abs));
      const worst = Math.max(...actual[output]!.map((value, i) => Math.abs(value - values[i]!))) / scale;
      expect(worst).toBeLessThan(1e-5);
    }
    portable.release();
    own.release();
  });
});

test('a GPU is not asked for what it lacks: pooling with indices, or transposed convolution in three dimensions', () => {
  const shapes = [
    [1, 5, 6, 5, 2],
    [3, 3, 3, 2, 2],
  ];
  const network = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    tf.maxPool3d(tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 2, 'same'), 3, 2, 'same');
  const used = new Set<string>();
  recordStep(withGradients(network), shapes, { provider: 'webgpu', blockSize: null }, (graph) => {
    for (const { opType, outputs } of graph.nodes) used.add(`${opType} with ${outputs.length}`);
  }).release();
  expect(used).not.toContain('MaxPool with 2');
  expect(used).not.toContain('ConvTranspose with 1');
});
