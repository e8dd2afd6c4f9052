import type { Operator } from '../operator';
import { arrangementOperators } from './arrangement';
import { elementwiseOperators } from './elementwise';
import { linearOperators } from './linear';
import { normalizationOperators } from './normalization';
import { placeOperators } from './places';
import { reductionOperators } from './reductions';
import { resizeOperators } from './resize';
import { samplingOperators } from './sampling';
import { windowOperators } from './windows';

/** Every ONNX operator that can be imported, said in TF.js. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  ...elementwiseOperators,
  ...linearOperators,
  ...windowOperators,
  ...normalizationOperators,
  ...reductionOperators,
  ...arrangementOperators,
  ...resizeOperators,
  ...samplingOperators,
  ...placeOperators,
};

/** Computed while the model is replayed, where all their inputs are known. */
export const ONLY_STATIC: readonly string[] = ['Shape', 'Size', 'Range'];

/** Inputs that say sizes, axes or bounds: they are read as numbers, and are no weights. */
export const NUMBER_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Clip: [1, 2],
  CumSum: [1],
  Expand: [1],
  OneHot: [1, 2],
  Pad: [1, 2, 3],
  Reshape: [1],
  Resize: [1, 2, 3],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Tile: [1],
  TopK: [1],
  Upsample: [1],
};

/** Kept statistics: weights that training does not move. */
export const STATISTICS_INPUTS: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };
