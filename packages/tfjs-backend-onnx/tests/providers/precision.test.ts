import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '../../src';
import type { Precision } from '../../src';
import { ELEMENT_TYPE, OnnxGraph } from '../../src/graph/onnx-graph';
import type { Target } from '../../src/graph/target';
import { halvePrecision } from '../../src/passes';
import { lossScaler } from '../../src/training';
import { emulateFloat16 } from './emulate-float16';
import { recordStep } from './recorded';
import type { RecordedStep } from './recorded';

beforeAll(async () => {
  registerOnnxBackend({ threads: 1 });
  await tf.setBackend('onnx');
});

const GPU: Target = { provider: 'cuda', blockSize: null };
const inFloat16 = (graph: OnnxGraph): void => {
  halvePrecision(graph);
  emulateFloat16(graph);
};

const BATCH = 16;
const PARAMETERS = [[3, 3, 1, 8], [8], [3, 3, 8, 16], [16], [16, 2], [2]];
const SHAPES = [...PARAMETERS, [BATCH, 8, 8, 1], [BATCH, 2], []];

/** Two convolutions with a pool between, a mean over the places, a linear layer; the loss times `scale`. */
function step(...inputs: tf.Tensor[]): Record<string, tf.Tensor> {
  const [x, labels, scale] = inputs.slice(PARAMETERS.length) as [tf.Tensor4D, tf.Tensor2D, tf.Scalar];
  const loss = (...[first, bias1, second, bias2, weights, bias3]: tf.Tensor[]): tf.Tensor => {
    const y = tf.relu(tf.add(tf.conv2d(x, first as tf.Tensor4D, 1, 'same'), bias1!));
    const pooled = tf.maxPool(y as tf.Tensor4D, 2, 2, 'valid');
    const z = tf.relu(tf.add(tf.conv2d(pooled, second as tf.Tensor4D, 1, 'same'), bias2!));
    const logits = tf.add(tf.matMul(tf.mean(z, [1, 2]), weights!), bias3!);
    return tf.mul(tf.losses.softmaxCrossEntropy(labels, logits), scale);
  };
  const { value, grads } = tf.valueAndGrads(loss)(inputs.slice(0, PARAMETERS.length));
  return { loss: value, ...Object.fromEntries(grads.map((gradient, i) => [`g${i}`, gradient])) };
}

/** Bright spots or dark ones, in noise. */
function batch(): { x: Float32Array; labels: Float32Array } {
  const random = seededRandom(11);
  const x = Float32Array.from({ length: BATCH * 64 }, () => 0.3 * random.normal());
  const labels = new Float32Array(BATCH * 2);
  for (let i = 0; i < BATCH; i++) {
    labels[2 * i + (i % 2)] = 1;
    for (const place of [18, 19, 26, 27]) x[64 * i + place]! += i % 2 ? 2 : -2;
  }
  return { x, labels };
}

function initial(): Float32Array[] {
  const random = seededRandom(2);
  return PARAMETERS.map((shape) => {
    const inputs = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    return Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () =>
      shape.length === 1 ? 0 : random.normal() * Math.sqrt(2 / inputs),
    );
  });
}

function gradientsOf(recorded: RecordedStep, parameters: Float32Array[], scale: number) {
  const { x, labels } = batch();
  const { loss, ...gradients } = recorded.run([...parameters, x, labels, Float32Array.of(scale)]);
  const unscaled = Object.values(gradients).map((gradient) => gradient.map((value) => value / scale));
  return { loss: loss![0]! / scale, gradients: unscaled };
}

/** Stochastic gradient descent on float32 weights; a step whose gradients overflow is left out. */
function train(rewrite: ((graph: OnnxGraph) => void) | undefined, steps: number) {
  const recorded = recordStep(step, SHAPES, GPU, rewrite);
  const scaler = lossScaler(rewrite ? { initialScale: 2 ** 24, growthInterval: 20 } : { initialScale: 1 });
  const parameters = initial();
  const losses: number[] = [];
  while (losses.length < steps) {
    const { loss, gradients } = gradientsOf(recorded, parameters, scaler.scale);
    const isFinite = gradients.every((gradient) => gradient.every(Number.isFinite));
    scaler.update(isFinite);
    if (!isFinite) continue;
    losses.push(loss);
    gradients.forEach((gradient, i) => {
      gradient.forEach((value, k) => (parameters[i]![k]! -= 0.1 * value));
    });
  }
  recorded.release();
  return { losses, skipped: scaler.skippedSteps };
}

test('training in mixed precision learns as in float32: the same loss to two digits at each of 60 steps', () => {
  const exact = train(undefined, 60);
  const mixed = train(inFloat16, 60);
  const worst = Math.max(...mixed.losses.map((loss, i) => Math.abs(loss - exact.losses[i]!)));
  expect(exact.losses.at(-1)).toBeLessThan(0.5 * exact.losses[0]!);
  expect(worst).toBeLessThan(0.01);
  expect(worst).toBeGreaterThan(0);
  expect(mixed.skipped).toBeGreaterThan(0);
});

test('gradients too small for float16 are lost without scaling the loss, and are there with it', () => {
  const tiny = 2 ** -20;
  const exact = recordStep(step, SHAPES, GPU);
  const mixed = recordStep(step, SHAPES, GPU, inFloat16);
  const expected = gradientsOf(exact, initial(), 1).gradients[0]!;
  const apart = (scale: number): number => {
    const actual = gradientsOf(mixed, initial(), scale).gradients[0]!;
    const largest = Math.max(...expected.map(Math.abs));
    return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / largest;
  };
  expect(apart(tiny)).toBeGreaterThan(0.2);
  expect(apart(tiny * 2 ** 24)).toBeLessThan(0.01);
  exact.release();
  mixed.release();
});

test('reductions, norms and losses stay in float32', () => {
  const inHalf: string[] = [];
  recordStep(step, SHAPES, GPU, (graph) => {
    halvePrecision(graph);
    const halves = new Set<string>();
    for (const { opType, attributes, inputs, outputs } of graph.nodes) {
      const isHalf =
        opType === 'Cast' ? attributes['to'] === ELEMENT_TYPE.float16 : inputs.some((name) => halves.has(name));
      if (!isHalf) continue;
      for (const output of outputs) halves.add(output);
      inHalf.push(opType);
    }
  }).release();
  expect(inHalf).toEqual(expect.arrayContaining(['Conv', 'MatMul', 'Relu']));
  for (const kept of ['ReduceSum', 'ReduceMean', 'Exp', 'Log', 'Div', 'Softmax', 'LogSoftmax', 'HardSigmoid', 'Sub']) {
    expect(inHalf).not.toContain(kept);
  }
});

test('products of whole numbers are left alone', () => {
  const graph = new OnnxGraph();
  const x = graph.input('x', 'int32', [2, 2]);
  graph.output('y', graph.node('MatMul', [x, x]), 'int32', [2, 2]);
  halvePrecision(graph);
  expect(graph.nodes.some(({ opType }) => opType === 'Cast')).toBe(false);
});

test.each(['mixed', 'bfloat16'])('the CPU gains nothing from precision %s, and refuses it by name', (precision) => {
  const refusal = expect.objectContaining({ code: 'ONNX_BACKEND_PRECISION' }) as Error;
  expect(() => registerOnnxBackend({ precision: precision as Precision })).toThrow(refusal);
});
