export interface ScheduleOptions {
  /** Part of all steps over which the rate rises linearly to its peak. */
  warmup: number;
  /** The last rate as a part of the peak. */
  final: number;
}

/**
 * The learning rate at `step` (from 0) of `totalSteps`: a linear warm-up, then half a cosine down
 * (Loshchilov and Hutter, "SGDR", ICLR 2017, eq. 5, one cycle). Without options it stays at its peak.
 */
export function learningRateAt(
  step: number,
  totalSteps: number,
  peak: number,
  options: ScheduleOptions | null,
): number {
  if (!options) return peak;
  const warmupSteps = Math.round(options.warmup * totalSteps);
  if (step < warmupSteps) return (peak * (step + 1)) / (warmupSteps + 1);
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - 1 - warmupSteps);
  const floor = peak * options.final;
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2;
}
