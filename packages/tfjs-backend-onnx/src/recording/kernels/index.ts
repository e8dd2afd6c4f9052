import type { Recorder } from '../kernel-call';
import { arrangementKernels } from './arrangement';
import { channelWindowKernels } from './channel-windows';
import { constantKernels } from './constants';
import { DROPOUT_MASK, dropoutKernels } from './dropout';
import { einsumKernels } from './einsum';
import { elementwiseKernels } from './elementwise';
import { OWN_KERNELS as OWN_IMAGE_KERNELS, imageKernels } from './images';
import { indexingKernels } from './indexing';
import { linearKernels } from './linear';
import { reductionKernels } from './reductions';
import { spaceKernels } from './space';
import { windowKernels } from './windows';

export { LEFT_TO_CPU, whyLeftToCpu } from './left-to-cpu';

/** The kernels that TF.js does not have: tfjs-cpu could not answer for them. */
export const OWN_KERNELS: readonly string[] = [...OWN_IMAGE_KERNELS, DROPOUT_MASK];

/** Every kernel that is recorded, by family. */
export const KERNEL_FAMILIES: Readonly<Record<string, Readonly<Record<string, Recorder>>>> = {
  elementwise: elementwiseKernels,
  reductions: reductionKernels,
  arrangement: arrangementKernels,
  'other ways through a tensor': spaceKernels,
  'reading and writing at places': indexingKernels,
  constants: constantKernels,
  linear: { ...linearKernels, ...einsumKernels },
  'convolution and pooling': windowKernels,
  'windows over single channels': channelWindowKernels,
  images: imageKernels,
  dropout: dropoutKernels,
};

export const RECORDERS: Readonly<Record<string, Recorder>> = Object.fromEntries(
  Object.values(KERNEL_FAMILIES).flatMap((family) => Object.entries(family)),
);
