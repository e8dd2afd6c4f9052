/**
 * How a training patch is varied: one affine map of voxels, then noise. `flip`, `shift`, `scale` and `rotate` have the
 * meanings of *Deep Learning with PyTorch* (Stevens, Antiga, Viehmann, chapter 12), so that its figures can be compared.
 * All are drawn uniformly from −x to x, and all count voxels: where the slices lie further apart than the rows, a tilt
 * is no rigid motion of the body unless patches are resampled to one spacing.
 */
export interface AugmentationConfig {
  /** Mirrors along each axis with probability ½. */
  flip: boolean;
  /** Shifts along each axis by up to this share of half the patch. */
  shift: number;
  /** Stretches each axis for itself by up to 1 ± this. */
  scale: number;
  /** Stretches all axes alike by up to 1 ± this. */
  zoom: number;
  /** Turns in the plane of the slice: true by any angle, a number by up to that many degrees to either side. */
  rotate: boolean | number;
  /** Turns out of the plane of the slice, about the row's and about the column's axis, in the same way. */
  tilt: boolean | number;
  /** Standard deviation of normal noise, HU. */
  noise: number;
}
