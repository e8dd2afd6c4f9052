/** The training service's own model and optimizers, fifty steps beside PyTorch with the same weights and batches. */
import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '../../packages/tfjs-backend-onnx/src';
import { askPytorch } from '../../packages/tfjs-backend-onnx/tests/pytorch/ask-pytorch';
import type { Answers, NumberArray, Task } from '../../packages/tfjs-backend-onnx/tests/pytorch/ask-pytorch';
import {
  TRAINING_VARIANTS,
  lossDeviations,
  parameterDeviations,
  tooFar,
} from '../../packages/tfjs-backend-onnx/tests/pytorch/loss-curve';
import type { Layer } from '../../packages/tfjs-backend-onnx/tests/pytorch/network';
import { labels, normalArray } from '../../packages/tfjs-backend-onnx/tests/pytorch/networks';
import { batchOf } from '../../packages/tfjs-backend-onnx/tests/pytorch/train';
import { LUNA_PATCH } from '../../datasets';
import { PatchClassificationModel, createLunaModel, emptyTally } from '../../services/training/models';
import type { Batch, NamedArrays } from '../../services/training/models';
import { createOptimizer } from '../../services/training/optimizers';
import { describeWithPython } from '../present';

/** PyTorch's share takes half a minute where nothing else runs. */
const PATIENCE = 300_000;

const [STEPS, BATCH] = [50, 2];
const CHANNELS = [8, 16, 32, 64];
const PATCH = [16, 16, 16] as const;
type OptimizerConfig = Parameters<typeof createOptimizer>[0];

/** Raw HU, and what is there to learn: nothing but these sixteen. */
const patches: NumberArray = { shape: [16, ...PATCH, 1], values: normalArray([16, ...PATCH, 1], 41).values.map(toHu) };
const classes = labels(16, 2);

function toHu(normal: number): number {
  return -300 + 400 * normal;
}

/** The same network in PyTorch's words. */
function lunaLayers(): Layer[] {
  const conv = (name: string): Layer[] => [
    { kind: 'conv', filter: `${name}/kernel`, bias: `${name}/bias`, stride: 1, pad: 'same' },
    { kind: 'relu' },
  ];
  return [
    { kind: 'clip', min: -1000, max: 1000 },
    { kind: 'batchNorm', scale: 'tail_batchnorm/gamma', offset: 'tail_batchnorm/beta' },
    ...CHANNELS.flatMap((_, i): Layer[] => [
      ...conv(`block${i + 1}_conv1`),
      ...conv(`block${i + 1}_conv2`),
      { kind: 'maxPool', size: 2, stride: 2, pad: 'valid' },
    ]),
    { kind: 'flatten' },
    { kind: 'linear', weights: 'head_linear/kernel', bias: 'head_linear/bias' },
  ];
}

function trainable(weights: NamedArrays): [string, NumberArray][] {
  return Object.entries(weights)
    .filter(([name]) => !name.includes('moving'))
    .map(([name, { shape, data }]) => [name, { shape, values: data }]);
}

function newModel(optimizer: OptimizerConfig): PatchClassificationModel {
  const network = createLunaModel({ channels: CHANNELS, patchSize: PATCH, clip: LUNA_PATCH.clip, seed: 42 });
  return new PatchClassificationModel(network, createOptimizer(optimizer, network.parameters), {
    name: 'nodule-classifier',
    labels: ['non-nodule', 'nodule'],
    contract: { ...LUNA_PATCH, patchSize: [...PATCH] },
  });
}

/** One long epoch; the tally after each batch tells its loss. */
async function trainedByService(optimizer: OptimizerConfig, learningRate: number) {
  const model = newModel(optimizer);
  const tally = emptyTally();
  const losses: number[] = [];
  let before = 0;
  await model.fitEpoch({
    epoch: 0,
    batches: Array.from({ length: STEPS }, (_, step): Batch => {
      const y = Uint8Array.from(batchOf(classes, step, BATCH).values);
      return { x: batchOf(patches, step, BATCH).values, y };
    }),
    firstBatch: 0,
    tally,
    learningRate: () => learningRate,
    afterBatch: () => {
      losses.push((tally.lossSum - before) / BATCH);
      before = tally.lossSum;
      return Promise.resolve();
    },
  });
  const parameters = new Map(trainable(await model.module.weights()).map(([name, { values }]) => [name, values]));
  model.dispose();
  return { losses, parameters };
}

describeWithPython(['torch', 'numpy'], 'fifty steps of the training service, and PyTorch', (python) => {
  const backend = registerOnnxBackend({ threads: 2 });
  const sgd = { name: 'sgd', lr: 0.001, momentum: 0.9, weight_decay: 0.001 } as unknown as OptimizerConfig;
  const adamw = {
    name: 'adamw',
    lr: 0.0003,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weight_decay: 0.01,
  } as unknown as OptimizerConfig;
  let answers: Map<string, Answers>;

  beforeAll(async () => {
    await tf.setBackend('onnx');
    const model = newModel(sgd);
    const shared = {
      layers: lunaLayers(),
      parameters: Object.fromEntries(trainable(await model.module.weights())),
      x: patches,
      target: classes,
      variants: TRAINING_VARIANTS,
    };
    model.dispose();
    const training = { steps: STEPS, batchSize: BATCH };
    const tasks: Task[] = [
      {
        ...shared,
        name: 'sgd',
        training: { ...training, optimizer: { kind: 'sgd', lr: 0.001, momentum: 0.9, weight_decay: 0.001 } },
      },
      {
        ...shared,
        name: 'adamw',
        training: { ...training, optimizer: { kind: 'adamw', lr: 0.0003, weight_decay: 0.01 } },
      },
    ];
    answers = askPytorch(python, tasks);
  }, PATIENCE);
  afterAll(() => {
    backend.dispose();
  });

  test.each([
    ['sgd', sgd, 0.001],
    ['adamw', adamw, 0.0003],
  ] as const)('gives the same losses and weights: %s', async (name, optimizer, learningRate) => {
    const { losses, parameters } = await trainedByService(optimizer, learningRate);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    expect(tooFar(lossDeviations(losses, answers.get(name)!))).toEqual([]);
    expect(tooFar(parameterDeviations(parameters, answers.get(name)!))).toEqual([]);
  });
});
