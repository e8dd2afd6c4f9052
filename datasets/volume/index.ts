export { directionDeterminant, ircToXyz, xyzToIrc } from './geometry';
export { IDENTITY_DIRECTION } from './volume';
export type { Geometry, Irc, Volume, Voxels, Xyz } from './volume';
