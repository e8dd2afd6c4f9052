import * as tf from '@tensorflow/tfjs-core';
import { importOnnx } from 'tfjs-backend-onnx/import';
import { answerJob } from './answer-job';

/** The ONNX graph of the bundle, node by node as TF.js operations. */
answerJob(async ({ model, patchSize, probabilitiesAt }) => {
  const graph = await importOnnx(model);
  const { name } = graph.outputs[probabilitiesAt]!;
  return (patch) => tf.tidy(() => graph.execute([tf.tensor(patch, [1, 1, ...patchSize])])[name]!.dataSync<'float32'>());
});
