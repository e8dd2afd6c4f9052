import { defineErrors } from 'coded-error';

export const voxelFileError = defineErrors({
  VOXEL_BEYOND_FLOAT64: {
    message: 'voxel {voxel} is a 64-bit number beyond ±2^53, which no type of ours holds exactly',
    hint: 'Hounsfield units are never that large: check the type of the image, or convert it to int16 with SimpleITK.',
    status: 415,
  },
  VOXELS_DO_NOT_FIT: {
    message: 'voxel {voxel} is {value}, which {type} cannot hold',
    hint: 'Leave the type out: the volume is then written in a type that holds every value.',
  },
});
