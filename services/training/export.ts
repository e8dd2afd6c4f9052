import * as tf from '@tensorflow/tfjs-core';
import { encodePatch, writeBundle, type Bundle, type GoldenCase, type Lineage } from 'model-bundle';
import { exportOnnx } from 'tfjs-backend-onnx';
import { stringify } from 'yaml';
import type { TrainingConfig } from './config';
import { onOnnxEngine } from './engines';
import type { Model } from './models';

/** A patch whose answer the bundle carries, so that every later stage can check that it gives the same. */
export interface GoldenPatch {
  id: string;
  /** `[slices, rows, columns]`. */
  hu: Int16Array;
}

export interface ExportOptions {
  model: Model;
  config: TrainingConfig;
  lineage: Lineage;
  goldenPatches: readonly GoldenPatch[];
}

/**
 * Writes the model as a bundle: one network as ONNX and as TF.js layers, its contract, config, lineage and golden cases.
 * Nothing of the time, the place or the machine goes in: equal training gives an equal digest.
 */
export async function exportBundle(dir: string, options: ExportOptions): Promise<Bundle> {
  const { model, config, lineage } = options;
  return writeBundle(dir, {
    signature: model.signature,
    lineage,
    files: {
      'model.onnx': await onOnnxEngine(() => Promise.resolve(toOnnx(model))),
      ...(await toTfjs(model)),
      'config.yaml': stringify(config, { sortMapEntries: true }),
    },
    goldenCases: await goldenCases(options),
  });
}

/** The evaluation pass, clipping included, in standard ONNX operators. */
function toOnnx({ module, signature }: Model): Uint8Array {
  const [input] = signature.inputs;
  return exportOnnx(
    (patch) => ({ ...module.forward(patch, { training: false }) }),
    [{ name: input!.name, shape: input!.shape, dtype: 'float32' }],
    { outputs: signature.outputs.map(({ name }) => name) },
  );
}

/** The two files that `tf.loadLayersModel` reads. The input there is `[batch, slices, rows, columns, 1]`, already clipped. */
async function toTfjs({ module }: Model): Promise<{ 'model.json': string; 'weights.bin': Uint8Array }> {
  const { modelTopology, weightSpecs, weightData, format, generatedBy } = await module.save();
  const manifest = {
    format,
    generatedBy,
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  const bytes = tf.io.CompositeArrayBuffer.join(weightData);
  return { 'model.json': JSON.stringify(manifest), 'weights.bin': new Uint8Array(bytes) };
}

async function goldenCases({ model, goldenPatches }: ExportOptions): Promise<GoldenCase[]> {
  const cases: GoldenCase[] = [];
  for (const { id, hu } of goldenPatches) {
    const probabilities = [...(await model.predict({ x: Float32Array.from(hu) }))];
    cases.push({ id, patch: encodePatch(hu), probabilities });
  }
  return cases;
}
