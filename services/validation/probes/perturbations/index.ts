import type { ProbeName } from '../settings';
import { blur } from './blur';
import { cropJitter } from './crop-jitter';
import { dose } from './dose';
import { flip } from './flip';
import { huOffset, huScale } from './hounsfield';
import { noise } from './noise';
import type { Perturbation } from './perturbation';
import { rotation } from './rotation';
import { shift } from './shift';
import { sliceThickness } from './slice-thickness';

export type { NoiseTexture, Perturbation, ScanTraits } from './perturbation';

export const PERTURBATIONS: Readonly<Record<ProbeName, Perturbation>> = {
  noise,
  blur,
  huOffset,
  huScale,
  sliceThickness,
  shift,
  flip,
  rotation,
  cropJitter,
  dose,
};
