import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { answerJob } from './answer-job';

interface LayersFile {
  modelTopology: object;
  weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
}

/** The TF.js model that stands in the bundle. Its input is `[batch, slices, rows, columns, 1]`, already clipped. */
answerJob(async ({ model, weights, patchSize, clip, probabilitiesAt }) => {
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(model, 'utf8')) as LayersFile;
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weightData = Uint8Array.from(await readFile(weights!)).buffer;
  const layers = await loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  return (patch) =>
    tf.tidy(() => {
      const voxels = tf.clipByValue(tf.tensor(patch, [1, ...patchSize, 1]), ...clip);
      return [layers.predict(voxels)].flat()[probabilitiesAt]!.dataSync<'float32'>();
    });
});
