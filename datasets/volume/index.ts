export { type Affine, affineOf, placementOf, swapLpsRas } from './affine';
export { type NumberArray, exactVoxels } from './exact-voxels';
export { directionDeterminant, ircToXyz, xyzToIrc } from './geometry';
export { IDENTITY_DIRECTION } from './volume';
export type { Geometry, Irc, Volume, Voxels, Xyz } from './volume';
