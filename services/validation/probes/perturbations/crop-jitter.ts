import type { Irc } from '../../../../datasets';
import type { Perturbation } from './perturbation';

/**
 * Moves the candidate by so many millimetres in a random direction: a detector that marks beside the middle. Nothing is
 * interpolated but what the contract resamples by itself, and the candidate stays in the scan.
 */
export const cropJitter: Perturbation = {
  reach: (distance, spacing) => spacing.map((mm) => Math.ceil(distance / mm) + 1) as unknown as Irc,
  apply(block, distance, random) {
    if (distance === 0) return block;
    const direction = [random.normal(), random.normal(), random.normal()];
    const length = Math.hypot(...direction);
    const place = block.place.map((index, axis) => {
      const moved = index + ((direction[axis]! / length) * distance) / block.spacing[axis]!;
      return Math.min(Math.max(moved, -0.49), block.size[axis]! - 0.51);
    });
    return { ...block, place: place as unknown as Irc };
  },
};
