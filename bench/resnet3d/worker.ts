import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from 'tfjs-backend-onnx';
import { answerRequests } from '../resnet/rounds';
import { readWeights, type ResnetTask } from '../resnet/task';
import { makeNetwork } from './network';

/** Our side of the bench: TF.js on the onnx backend. */
async function main(task: ResnetTask): Promise<void> {
  const backend = registerOnnxBackend({ threads: task.threads, provider: task.provider ?? 'cpu' });
  await tf.setBackend('onnx');
  const network = makeNetwork(task.architecture, readWeights(task.folder));
  const optimizer = tf.train.momentum(task.learningRate, task.momentum);

  const step = backend.compile((x: tf.Tensor, y: tf.Tensor) =>
    optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, network.forward(x as tf.Tensor5D, true)), true)!,
  );
  const classify = backend.compile((x: tf.Tensor) => tf.softmax(network.forward(x as tf.Tensor5D, false)));

  await answerRequests(task, { train: step, infer: classify });
}

void main(JSON.parse(process.argv[2]!) as ResnetTask);
