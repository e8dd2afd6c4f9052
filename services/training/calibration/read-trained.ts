import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Bundle } from 'model-bundle';
import { parse } from 'yaml';
import { parseTrainingConfig, type TrainingConfig } from '../config';
import { trainingError } from '../errors';
import type { NamedArrays } from '../models';

/**
 * The config and the weights of a bundle that training wrote.
 *
 * @throws CodedError TRAINING_CALIBRATION_FOREIGN, TRAINING_CONFIG_INVALID
 */
export async function readTrained(bundle: Bundle): Promise<{ config: TrainingConfig; weights: NamedArrays }> {
  for (const file of ['config.yaml', 'model.json', 'weights.bin']) {
    if (!Object.hasOwn(bundle.files, file)) throw trainingError('TRAINING_CALIBRATION_FOREIGN', { file });
  }
  const config = parseTrainingConfig(parse(await readFile(bundle.path('config.yaml'), 'utf8')));
  const { weightsManifest } = JSON.parse(await readFile(bundle.path('model.json'), 'utf8')) as tf.io.ModelJSON;
  const bytes = await readFile(bundle.path('weights.bin'));
  const specs = weightsManifest.flatMap(({ weights }) => weights);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const tensors = tf.io.decodeWeights(buffer, specs);
  const arrays = Object.entries(tensors).map(
    ([name, tensor]) => [name, { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }] as const,
  );
  tf.dispose(tensors);
  return { config, weights: Object.fromEntries(arrays) };
}
