import type { Batches, Model } from '../models';
import { type FittedTemperature, fitTemperature } from './temperature';

/** A temperature, and on how many cases it was fitted. */
export interface ModelCalibration extends FittedTemperature {
  cases: number;
}

/**
 * Fits a temperature on these batches, those of the validation split, and divides the network's logits by it, in the
 * weights of its last layer: so every export of the network has it. Undefined where these cases fix none; the network
 * then stays as it is.
 */
export async function calibrateModel(model: Model, batches: Batches): Promise<ModelCalibration | undefined> {
  const classes = model.signature.labels.length;
  const logits: number[] = [];
  const labels: number[] = [];
  for await (const { x, y } of batches) {
    const rows = await model.logits({ x });
    logits.push(...rows.subarray(0, y.length * classes));
    labels.push(...y);
  }
  const fitted = fitTemperature(logits, labels, classes);
  if (!fitted) return undefined;
  await model.module.divideLogits(fitted.temperature);
  return { ...fitted, cases: labels.length };
}
