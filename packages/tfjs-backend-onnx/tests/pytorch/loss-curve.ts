import { PERTURBED_VARIANTS } from './ask-pytorch';
import type { Answers, Variant } from './ask-pytorch';
import { distance } from './differentiate';

/** What a training is compared in: PyTorch's truth, and the float32 runs that say how far rounding leads from it. */
export const TRAINING_VARIANTS = ['float64', 'float32', ...PERTURBED_VARIANTS] as const;
const ROUNDED: readonly Variant[] = ['float32', ...PERTURBED_VARIANTS];

/** TF.js has Adam's 1 - β₂ᵗ in float32, in which 1 - 0.999 is off by 1.3e-5. */
const FLOOR = 1e-5;

/** How far something is from PyTorch's float64, and how far it may be. */
export interface Deviation {
  what: string;
  is: number;
  may: number;
}

/**
 * Losses step by step, in parts of the loss. Rounding changes which of two near-equal values wins a pooling window,
 * and training makes differences grow; so a step may be as far off, times three, as the worst of PyTorch's own
 * float32 runs was until then.
 */
export function lossDeviations(losses: ArrayLike<number>, answers: Answers): Deviation[] {
  const truth = answers.float64.get('losses')!;
  const partsOff = (course: ArrayLike<number>, step: number): number =>
    Math.abs(course[step]! - truth[step]!) / Math.abs(truth[step]!);
  let worst = 0;
  return Array.from(truth, (_, step) => {
    for (const variant of ROUNDED) worst = Math.max(worst, partsOff(answers[variant].get('losses')!, step));
    return { what: `step ${step}`, is: partsOff(losses, step), may: 3 * worst + FLOOR };
  });
}

/** The parameters after the training, by the same measure. */
export function parameterDeviations(parameters: ReadonlyMap<string, Float32Array>, answers: Answers): Deviation[] {
  return [...parameters].map(([what, values]) => {
    const truth = answers.float64.get(what)!;
    const worst = Math.max(...ROUNDED.map((variant) => distance(answers[variant].get(what)!, truth)));
    return { what, is: distance(values, truth), may: 3 * worst + FLOOR };
  });
}

export const tooFar = (deviations: readonly Deviation[]): Deviation[] =>
  deviations.filter(({ is, may }) => !(is <= may));
