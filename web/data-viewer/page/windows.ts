/** What grey values show: from `level - width / 2` (black) to `level + width / 2` (white), HU. */
export interface GreyWindow {
  level: number;
  width: number;
}

/** Radiology's usual windows of a chest CT. `null`: the scan's own range. */
export const PRESETS: readonly { name: string; window: GreyWindow | null }[] = [
  { name: 'Lung', window: { level: -600, width: 1500 } },
  { name: 'Mediastinum', window: { level: 40, width: 400 } },
  { name: 'Bone', window: { level: 400, width: 1800 } },
  { name: 'Full', window: null },
];

/** Grey, 0 to 255, of a value. */
export function greyOf(hu: number, { level, width }: GreyWindow): number {
  return Math.max(0, Math.min(255, Math.round(255 * ((hu - level) / width + 0.5))));
}
