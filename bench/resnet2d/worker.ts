import * as tf from '@tensorflow/tfjs-core';
import { answerRequests } from '../resnet/rounds';
import { readWeights, type ResnetTask } from '../resnet/task';
import { makeModel } from './network';
import { startBackend, type BackendName } from './backends';

/** A TF.js side of the bench: the same model on the onnx backend or on the WebAssembly one. */
async function main(task: ResnetTask, backend: BackendName): Promise<void> {
  await startBackend(backend, task.threads);
  const { input, classes } = task.architecture;
  const network = makeModel(task.architecture, readWeights(task.folder));
  network.compile({
    optimizer: tf.train.momentum(task.learningRate, task.momentum),
    loss: (labels: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(labels, logits),
  });
  const size = input.reduce((a, b) => a * b);
  const tensorOf = (values: Float32Array) => tf.tensor(values, [values.length / size, ...input]);

  await answerRequests(task, {
    async train({ inputs, labels }) {
      const [x, y] = [
        tensorOf(inputs),
        tf.tidy(() => tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), classes)),
      ];
      const loss = (await network.trainOnBatch(x, y)) as number;
      tf.dispose([x, y]);
      return loss;
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
