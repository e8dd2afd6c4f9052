import * as tf from '@tensorflow/tfjs-core';
import { answerRequests } from '../resnet/rounds';
import { readWeights, type ResnetTask } from '../resnet/task';
import { makeModel } from './network';
import { startBackend, type BackendName } from './backends';

/** A TF.js side of the bench: the same model on the onnx backend or on the WebAssembly one. */
async function main(task: ResnetTask, backend: BackendName): Promise<void> {
  const onnx = await startBackend(backend, task.threads);
  const network = makeModel(task.architecture, readWeights(task.folder));
  const optimizer = tf.train.momentum(task.learningRate, task.momentum);
  const lossOf = (x: tf.Tensor, y: tf.Tensor): tf.Scalar =>
    tf.losses.softmaxCrossEntropy(y, network.apply(x, { training: true }) as tf.Tensor);
  const trainStep = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => optimizer.minimize(() => lossOf(x, y), true)!;
  const step = onnx?.compile(trainStep) ?? trainStep;

  await answerRequests(task, { train: step, infer: (x) => tf.softmax(network.predictOnBatch(x) as tf.Tensor) });
}

void main(JSON.parse(process.argv[2]!) as ResnetTask, process.argv[3] as BackendName);
