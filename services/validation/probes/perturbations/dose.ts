import { NO_REACH, type Perturbation } from './perturbation';

/**
 * A scan at this share of its dose, 0 to 1, simulated in the image: noise is added until its standard deviation is
 * 1/√dose of what the scan has by itself, as counting photons makes it (Primak et al., Radiographics 26 (2006)), with
 * the spectrum of a filtered back-projection. Adding spectrally shaped noise to images: Britten et al., Br. J. Radiol.
 * 77 (2004).
 *
 * Its limits: nothing is known of the raw data, so there are no streaks behind bone and shoulders, no electronic noise
 * and no bias at very low dose; the noise is as strong in lung as in soft tissue, where it was measured, and its
 * spectrum is that of a standard kernel, whichever the scan had. Iterative reconstruction keeps less noise than this.
 */
export const dose: Perturbation = {
  reach: NO_REACH,
  apply(block, share, random, { noiseHu, texture: { values, planes, side } }) {
    const deviation = noiseHu * Math.sqrt(1 / share - 1);
    const { hu, size } = block;
    const [slices, rows, columns] = size;
    const wrap = side - 1;
    for (let s = 0; s < slices; s++) {
      const plane = random.integer(planes) * side * side;
      const [down, right] = [random.integer(side), random.integer(side)];
      for (let r = 0; r < rows; r++) {
        const from = plane + ((r + down) & wrap) * side;
        const to = (s * rows + r) * columns;
        for (let c = 0; c < columns; c++) hu[to + c] = hu[to + c]! + deviation * values[from + ((c + right) & wrap)]!;
      }
    }
    return block;
  },
};
