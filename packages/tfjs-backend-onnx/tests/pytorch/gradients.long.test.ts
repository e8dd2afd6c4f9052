import * as tf from '@tensorflow/tfjs-core';
import { describeWithPython } from '../../../../tests/present';
import { registerOnnxBackend } from '../../src';
import { FLOAT32_VARIANTS, askPytorch } from './ask-pytorch';
import type { Answers } from './ask-pytorch';
import { differentiate, distance } from './differentiate';
import { integerTasks, realTasks } from './tasks';

/** A distance this small says nothing: where sums cancel, 64 roundings of float32 are soon made. */
const SOME_ROUNDINGS = 2 ** -18;

const backend = registerOnnxBackend({ threads: 2 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

describeWithPython(['torch', 'numpy'], 'gradients of whole networks and PyTorch', (python) => {
  const [integers, reals] = [integerTasks(), realTasks()];
  let answers: Map<string, Answers>;
  beforeAll(() => {
    const named = (kind: string) => (task: (typeof reals)[number]) => ({ ...task, name: `${kind}: ${task.name}` });
    answers = askPytorch(python, [...integers.map(named('integer')), ...reals.map(named('real'))]);
  });

  test.each(integers.map((task) => [task.name, task] as const))(
    'are equal to the bit where all values are whole numbers: %s',
    async (name, task) => {
      const { float64, float32 } = answers.get(`integer: ${name}`)!;
      const ours = await differentiate(task);
      for (const [result, values] of ours) {
        const truth = float64.get(result)!;
        // The premise: nothing was rounded anywhere, and the gradient says something.
        expect([result, Array.from(float32.get(result)!)]).toEqual([result, Array.from(truth)]);
        expect(truth.some((value) => value !== 0)).toBe(true);
        expect([result, values.length, values.findIndex((value, i) => value !== truth[i])]).toEqual([
          result,
          truth.length,
          -1,
        ]);
      }
    },
  );

  test.each(reals.map((task) => [task.name, task] as const))(
    'are no further from the truth than those of PyTorch: %s',
    async (name, task) => {
      const { float64, ...rest } = answers.get(`real: ${name}`)!;
      const distances = [...(await differentiate(task))].map(([result, values]) => {
        const truth = float64.get(result)!;
        const theirs = FLOAT32_VARIANTS.map((variant) => distance(rest[variant].get(result)!, truth));
        return { result, ours: distance(values, truth), theirs: Math.max(...theirs) };
      });
      const tooFar = distances.filter(({ ours, theirs }) => ours > 2 * theirs + SOME_ROUNDINGS);
      expect(tooFar).toEqual([]);
      const mean = (of: 'ours' | 'theirs'): number => distances.reduce((sum, d) => sum + d[of], 0) / distances.length;
      expect(mean('ours')).toBeLessThan(2 * mean('theirs'));
    },
  );
});
