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
  const { input, classes } = task.architecture;
  const network = makeNetwork(task.architecture, readWeights(task.folder));
  const optimizer = tf.train.momentum(task.learningRate, task.momentum);
  const size = input.reduce((a, b) => a * b);
  const tensorOf = (values: Float32Array) => tf.tensor<tf.Rank.R5>(values, [values.length / size, ...input] as never);

  const step = backend.compile((x: tf.Tensor5D, y: tf.Tensor) =>
    optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, network.forward(x, true)), true)!,
  );
  const classify = backend.compile((x: tf.Tensor5D) => tf.softmax(network.forward(x, false)));

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
      const probabilities = tf.tidy(() => classify(tensorOf(inputs)));
      const values = probabilities.dataSync<'float32'>();
      probabilities.dispose();
      return values;
    },
  });
}

void main(JSON.parse(process.argv[2]!) as ResnetTask);
