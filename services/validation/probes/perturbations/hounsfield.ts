import { NO_REACH, type Perturbation } from './perturbation';

/** Adds so many HU everywhere: a scanner whose water is not at 0. */
export const huOffset: Perturbation = {
  reach: NO_REACH,
  apply(block, offset) {
    const { hu } = block;
    for (let i = 0; i < hu.length; i++) hu[i] = hu[i]! + offset;
    return block;
  },
};

/** Multiplies HU: a scanner whose scale is not linear in the attenuation; water stays at 0. */
export const huScale: Perturbation = {
  reach: NO_REACH,
  apply(block, factor) {
    const { hu } = block;
    for (let i = 0; i < hu.length; i++) hu[i] = hu[i]! * factor;
    return block;
  },
};
