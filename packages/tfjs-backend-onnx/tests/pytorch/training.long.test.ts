import * as tf from '@tensorflow/tfjs-core';
import { describeWithPython } from '../../../../tests/present';
import { registerOnnxBackend } from '../../src';
import { askPytorch } from './ask-pytorch';
import type { Answers, Task, TorchOptimizer } from './ask-pytorch';
import { labels, lunaLayers, normalArray, realParameters } from './networks';
import { TRAINING_VARIANTS, lossDeviations, parameterDeviations, tooFar } from './loss-curve';
import { train } from './train';

/** PyTorch's share takes half a minute where nothing else runs. */
const PATIENCE = 300_000;

const backend = registerOnnxBackend({ threads: 2 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

function lunaTraining(name: string, optimizer: TorchOptimizer): Task {
  const luna = realParameters(31);
  const layers = lunaLayers(luna, 16, 'batchNorm');
  const x = normalArray([16, 16, 16, 16, 1], 32);
  const training = { optimizer, steps: 50, batchSize: 2 };
  return { name, layers, parameters: luna.parameters, x, target: labels(16, 2), training, variants: TRAINING_VARIANTS };
}

describeWithPython(['torch', 'numpy'], 'fifty steps of training LunaModel, and PyTorch', (python) => {
  const tasks = [
    lunaTraining('SGD with momentum', { kind: 'sgd', lr: 0.001, momentum: 0.9 }),
    lunaTraining('Adam', { kind: 'adam', lr: 0.0003, eps: 1e-7 }),
  ];
  let answers: Map<string, Answers>;
  beforeAll(() => {
    answers = askPytorch(python, tasks);
  }, PATIENCE);

  test.each(tasks.map((task) => [task.name, task] as const))(
    'gives the same losses and weights: %s',
    async (name, task) => {
      const { losses, parameters } = await train(task);
      const answer = answers.get(name)!;
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      expect(tooFar(lossDeviations(losses, answer))).toEqual([]);
      expect(tooFar(parameterDeviations(parameters, answer))).toEqual([]);
    },
  );
});
