import type { DataSet } from 'dicom-parser';

/** The tags that hold for one image, wherever the file keeps them. */
export interface FrameTags {
  string: (tag: string) => string | undefined;
  uint16: (tag: string) => number | undefined;
  uint32: (tag: string) => number | undefined;
}

const SHARED_GROUPS = 'x52009229';
const PER_FRAME_GROUPS = 'x52009230';

/**
 * The functional groups that tell where a frame lies and what its values mean (PS3.3 C.7.6.16.2): plane position, plane
 * orientation, pixel measures, pixel value transformation, frame content, CT reconstruction, frame type of CT, MR and PET.
 */
const GROUPS = [
  'x00209113',
  'x00209116',
  'x00289110',
  'x00289145',
  'x00209111',
  'x00189314',
  'x00189329',
  'x00189226',
  'x00189751',
] as const;

/** The images of a file in its order: one for a classic file, `frames` for an enhanced one. */
export function framesOf(dataset: DataSet, frames: number): FrameTags[] {
  const perFrame = dataset.elements[PER_FRAME_GROUPS]?.items;
  const shared = groupItems(dataset.elements[SHARED_GROUPS]?.items?.[0]?.dataSet);
  if (!perFrame && shared.length === 0 && frames === 1) return [frameTags([dataset])];
  // A frame without its item has no position, and is told by that.
  const count = Math.min(frames, Math.max(perFrame?.length ?? 0, 1));
  const found = Array.from({ length: count }, (_, frame) =>
    frameTags([...groupItems(perFrame?.[frame]?.dataSet), ...shared]),
  );
  return frames > count ? [...found, frameTags([])] : found;
}

function groupItems(functionalGroups: DataSet | undefined): DataSet[] {
  return GROUPS.flatMap((group) => functionalGroups?.elements[group]?.items?.[0]?.dataSet ?? []);
}

function frameTags(datasets: readonly DataSet[]): FrameTags {
  const holder = (tag: string) => datasets.find(({ elements }) => elements[tag]);
  return {
    string: (tag) => holder(tag)?.string(tag),
    uint16: (tag) => holder(tag)?.uint16(tag),
    uint32: (tag) => holder(tag)?.uint32(tag),
  };
}
