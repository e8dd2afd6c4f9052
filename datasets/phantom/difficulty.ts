/** What the one knob turns, at a difficulty from 0 (easy) to 1 (hard). At 0.5 every factor is 1. */
export interface Difficulty {
  /** On how much denser than lung a nodule is. */
  contrast: number;
  /** On the noise of the scanner. */
  noise: number;
  /** Millimetres of clear lung between a nodule's surface and a false candidate. */
  gap: number;
  /** On how many of the false candidates are look-alikes rather than plain lung or wall. */
  lookalikes: number;
}

export const DEFAULT_DIFFICULTY = 0.5;

export function difficultyAt(knob: number): Difficulty {
  const turn = 2 * (knob - DEFAULT_DIFFICULTY);
  return { contrast: 1 - 0.25 * turn, noise: 2 ** turn, gap: 9 - 4 * turn, lookalikes: 1 + 0.35 * turn };
}
