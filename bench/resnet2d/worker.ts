import * as tf from '@tensorflow/tfjs-core';
import { answerRequests } from '../resnet/rounds';
import { readWeights, type ResnetTask } from '../resnet/task';
import { makeModel } from './network';
import { startBackend, type BackendName } from './backends';

/** A TF.js side of the bench: the same model on the onnx backend or on the WebAssembly one. */
async function main(task: ResnetTask, backend: BackendName): Promise<void> {
  const onnx = await startBackend(backend, task.threads);
  const { input, classes } = task.architecture;
  const network = makeModel(task.architecture, readWeights(task.folder));
  const optimizer = tf.train.momentum(task.learningRate, task.momentum);
  const lossOf = (x: tf.Tensor, y: tf.Tensor): tf.Scalar =>
    tf.losses.softmaxCrossEntropy(y, network.apply(x, { training: true }) as tf.Tensor);
  const trainStep = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => optimizer.minimize(() => lossOf(x, y), true)!;
  const step = onnx?.compile(trainStep) ?? trainStep;
  const size = input.reduce((a, b) => a * b);
  const tensorOf = (values: Float32Array) => tf.tensor(values, [values.length / size, ...input]);

  await answerRequests(task, {
    train({ inputs, labels }) {
      const loss = tf.tidy(() =>
        step(tensorOf(inputs), tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), classes)),
      );
      const value = loss.dataSync()[0]!;
      loss.dispose();
      return value;
    },
    infer(inputs) {
      const probabilities = tf.tidy(() => tf.softmax(network.predictOnBatch(tensorOf(inputs)) as tf.Tensor));
      const values = probabilities.dataSync<'float32'>();
      probabilities.dispose();
      return values;
    },
  });
}

void main(JSON.parse(process.argv[2]!) as ResnetTask, process.argv[3] as BackendName);
