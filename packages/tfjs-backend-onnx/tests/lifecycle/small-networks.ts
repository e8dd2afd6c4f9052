/** Networks small enough for thousands of steps, and what a process holds. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Resident bytes, after garbage was collected. */
export function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}

/** Two convolutions with pooling on [8, 8, 1], seeded. */
export function convolutionalNet(seed: number, filters = 4): tfl.Sequential {
  const initializer = (offset: number): ReturnType<typeof tfl.initializers.heNormal> =>
    tfl.initializers.heNormal({ seed: seed + offset });
  const conv = (offset: number, inputShape?: number[]): tfl.layers.Layer =>
    tfl.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: initializer(offset),
      ...(inputShape && { inputShape }),
    });
  const model = tfl.sequential({
    layers: [
      conv(0, [8, 8, 1]),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      conv(1),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 2, kernelInitializer: initializer(2) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'meanSquaredError' });
  return model;
}

/** [size, 8, 8, 1] noise, and [size, 2] targets that depend on it. */
export function noise(size: number, seed: number): { x: Float32Array; y: Float32Array } {
  const random = seededRandom(seed);
  const x = Float32Array.from({ length: size * 64 }, random.normal);
  const y = Float32Array.from({ length: size * 2 }, (_, i) => x[Math.floor(i / 2) * 64 + (i % 2)]!);
  return { x, y };
}

/** One step of `trainOnBatch`; its loss. */
export async function trainStep(model: tfl.Sequential, size: number, seed: number): Promise<number> {
  const { x, y } = noise(size, seed);
  const [input, target] = [tf.tensor4d(x, [size, 8, 8, 1]), tf.tensor2d(y, [size, 2])];
  const loss = (await model.trainOnBatch(input, target)) as number;
  tf.dispose([input, target]);
  return loss;
}

/** A model's weights as one array. */
export function weightsOf(model: tfl.Sequential): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}
