import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '../../src';
import { lunaModel, randomParameters } from '../luna-model';
import { convolutionalNet, trainStep, weightsOf } from './small-networks';

/** What a training with this many threads comes to, as text: every bit counts. */
export async function trainedWith(threads: number): Promise<string> {
  const backend = registerOnnxBackend({ threads });
  await tf.setBackend('onnx');
  const small = await trainSmall();
  const luna = trainLuna();
  backend.dispose();
  return JSON.stringify({ small, luna });
}

async function trainSmall(): Promise<number[]> {
  const model = convolutionalNet(1);
  for (const size of [8, 8, 3]) await trainStep(model, size, size);
  const weights = weightsOf(model);
  model.dispose();
  return weights;
}

/** Two steps of the LunaModel's first two blocks on small patches, by the blocked lowerings where the CPU has them. */
function trainLuna(): number[] {
  const parameters = randomParameters(3, 2, 1024);
  const optimizer = tf.train.momentum(1e-2, 0.9);
  const x = tf.tensor5d(
    Float32Array.from({ length: 16 ** 4 }, (_, i) => Math.sin(i)),
    [16, 16, 16, 16, 1],
  );
  const labels = tf.oneHot(tf.mod(tf.range(0, 16, 1, 'int32'), tf.scalar(2, 'int32')), 2);
  const losses = [1, 2].map(
    () =>
      optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, lunaModel(x, parameters)), true)!.dataSync()[0]!,
  );
  const weights = parameters.convolutions.flatMap(({ filter, bias }) => [...filter.dataSync(), ...bias.dataSync()]);
  tf.disposeVariables();
  return [...losses, ...weights];
}
