import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { createAdamW } from './adamw';
import type { Optimizer } from './optimizer';
import { learningRateAt } from './schedule';
import { createSgd } from './sgd';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

function parameter(values: number[]) {
  return { name: 'w', variable: tf.variable(tf.tensor1d(values)) };
}

function runSteps(optimizer: Optimizer, gradients: number[][], learningRate: number): void {
  for (const gradient of gradients) {
    tf.tidy(() => {
      optimizer.step({ w: tf.tensor1d(gradient) }, learningRate);
    });
  }
}

/** The algorithm in torch.optim.AdamW's documentation, in double precision. */
function referenceAdamW(start: number, gradients: number[], lr: number): number {
  const [beta1, beta2, eps, decay] = [0.9, 0.999, 1e-8, 0.01];
  let [theta, m, v] = [start, 0, 0];
  gradients.forEach((gradient, index) => {
    const t = index + 1;
    theta -= lr * decay * theta;
    m = beta1 * m + (1 - beta1) * gradient;
    v = beta2 * v + (1 - beta2) * gradient ** 2;
    theta -= (lr * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + eps);
  });
  return theta;
}

const adamWOptions = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 } as const;

test('the first step of AdamW decays the weight and then moves it by the learning rate against the gradient', () => {
  const w = parameter([2]);
  runSteps(createAdamW([w], adamWOptions), [[0.5]], 0.1);
  // 2 · (1 - 0.1 · 0.01) - 0.1 · 0.5 / √0.5² = 1.998 - 0.1
  expect(w.variable.dataSync()[0]).toBeCloseTo(1.898, 6);
});

test('AdamW follows the algorithm that PyTorch documents, for any gradients', () => {
  const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(numbers, fc.double({ min: -3, max: 3, noNaN: true }), (gradients, start) => {
      const w = parameter([start]);
      const rounded = gradients.map((gradient) => (Math.abs(gradient) < 1e-3 ? 0 : gradient));
      runSteps(
        createAdamW([w], adamWOptions),
        rounded.map((gradient) => [gradient]),
        0.05,
      );
      expect(w.variable.dataSync()[0]).toBeCloseTo(referenceAdamW(start, rounded, 0.05), 4);
    }),
    { numRuns: 50 },
  );
});

test('SGD with momentum accumulates the velocity as PyTorch does, without dampening', () => {
  const w = parameter([1]);
  runSteps(createSgd([w], { momentum: 0.9, weightDecay: 0 }), [[1], [1]], 0.1);
  // v: 1, 1.9; w: 1 - 0.1, 0.9 - 0.19
  expect(w.variable.dataSync()[0]).toBeCloseTo(0.71, 6);
});

test('SGD adds the weight decay to the gradient', () => {
  const w = parameter([2]);
  runSteps(createSgd([w], { momentum: 0, weightDecay: 0.5 }), [[0]], 0.1);
  expect(w.variable.dataSync()[0]).toBeCloseTo(1.9, 6);
});

test.each([
  ['AdamW', (w: ReturnType<typeof parameter>) => createAdamW([w], adamWOptions)],
  ['SGD', (w: ReturnType<typeof parameter>) => createSgd([w], { momentum: 0.9, weightDecay: 0.01 })],
])('%s goes on from a saved state to the same bits', async (_, create) => {
  const gradients = [[0.3], [-0.7], [0.2], [1.1]];
  const undisturbed = parameter([1]);
  runSteps(create(undisturbed), gradients, 0.1);

  const first = parameter([1]);
  const before = create(first);
  runSteps(before, gradients.slice(0, 2), 0.1);
  const second = parameter([...first.variable.dataSync()]);
  const after = create(second);
  after.restore(await before.state());
  runSteps(after, gradients.slice(2), 0.1);

  expect([...second.variable.dataSync()]).toEqual([...undisturbed.variable.dataSync()]);
});

test('many steps leave no tensor behind', () => {
  const w = parameter([1, 2]);
  const optimizer = createAdamW([w], adamWOptions);
  const before = tf.memory().numTensors;
  runSteps(optimizer, Array<number[]>(5).fill([0.1, 0.2]), 0.1);
  expect(tf.memory().numTensors).toBe(before);
});

test('the learning rate rises to its peak over the warm-up and falls to its end along a cosine', () => {
  const rates = Array.from({ length: 100 }, (_, step) => learningRateAt(step, 100, 1, { warmup: 0.1, final: 0.01 }));
  expect(rates[10]).toBe(1);
  expect(rates.at(-1)).toBeCloseTo(0.01, 10);
  for (let step = 1; step <= 10; step++) expect(rates[step]).toBeGreaterThan(rates[step - 1]!);
  for (let step = 11; step < 100; step++) expect(rates[step]).toBeLessThan(rates[step - 1]!);
  expect(learningRateAt(57, 100, 0.3, null)).toBe(0.3);
});
