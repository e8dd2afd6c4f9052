/**
 * Which lowerings a kernel has, best first: the first that takes an op is the one used.
 * Portable lowerings are standard ONNX; the blocked ones run on ONNX Runtime's CPU provider with blocks of 16.
 */
import type { Kernel } from '../graph/kernels';
import type { Op } from '../graph/op';
import type { Provider } from '../graph/target';
import * as arrangement from './arrangement';
import * as channels from './blocked-channels';
import { blockedConv, blockedConvBias } from './blocked-convolution';
import { blockedFilterGradient } from './blocked-filter-gradient';
import { blockedInputGradient } from './blocked-input-gradient';
import { blockedMaxPool, blockedReluMaxPoolGradient } from './blocked-pooling';
import { blockedWindows, blockedWindowsBias } from './blocked-windows';
import { blockedWindowsFilterGradient } from './blocked-windows-filter-gradient';
import { blockedWindowsInputGradient } from './blocked-windows-input-gradient';
import * as convolution from './convolution-portable';
import * as depthwise from './depthwise';
import * as dilation from './dilation';
import { dropoutMask } from './dropout';
import * as elementwise from './elementwise';
import * as gpu from './gpu-windows';
import * as indexing from './indexing';
import * as linear from './linear';
import * as localResponse from './local-response';
import type { Lowering, LoweringContext } from './lowering';
import { matrixConv, matrixConvBias, matrixFilterGradient } from './matrix-windows';
import * as pooling from './pooling-portable';
import * as reductions from './reductions';
import * as resizing from './resize';
import * as sampling from './sampling-2d';
import * as affine from './sampling-affine';
import { tapSums } from './tap-sums';

type Table = { readonly [K in Exclude<Kernel, 'Leaf'>]: readonly Lowering<K>[] };

export const LOWERINGS: Table = {
  ...elementwise.floatUnary,
  ...elementwise.numericUnary,
  ...elementwise.floatTests,
  ...elementwise.numericBinary,
  ...elementwise.floatBinary,
  ...elementwise.comparisons,
  ...elementwise.logical,
  AddN: elementwise.addN,
  LeakyRelu: elementwise.leakyRelu,
  Step: elementwise.step,
  ClipByValue: elementwise.clipByValue,
  Cast: elementwise.cast,
  ZerosLike: elementwise.zerosLike,
  OnesLike: elementwise.onesLike,
  Select: elementwise.select,

  ...reductions.reductions,
  ArgMax: reductions.argMax,
  ArgMin: reductions.argMin,
  Cumsum: reductions.cumsum,
  Softmax: reductions.softmax,

  BatchMatMul: linear.batchMatMul,
  FusedBatchNorm: linear.fusedBatchNorm,
  InverseDeviation: linear.inverseDeviation,

  Transpose: arrangement.transpose,
  Slice: arrangement.slice,
  StridedSlice: arrangement.stridedSlice,
  Concat: arrangement.concat,
  Tile: arrangement.tile,
  PadV2: arrangement.padV2,
  MirrorPad: arrangement.mirrorPad,
  OneHot: arrangement.oneHot,
  GatherV2: arrangement.gatherV2,
  SegmentSum: indexing.segmentSum,
  ScatterUpdate: indexing.scatterUpdate,
  DropoutMask: dropoutMask,
  TopKValues: indexing.topKValues,
  TopKIndices: indexing.topKIndices,

  ChannelAffine: [channels.blockedChannelAffine, channels.portableChannelAffine],
  ChannelDot: [channels.blockedChannelDot, channels.portableChannelDot],
  Combination: [channels.combination],

  Conv: [matrixConv, blockedWindows, ...blockedConv, convolution.portableConv],
  ConvBias: [matrixConvBias, blockedWindowsBias, ...blockedConvBias, convolution.portableConvBias],
  ConvInputGradient: [
    blockedWindowsInputGradient,
    ...blockedInputGradient,
    convolution.inputGradientAsConv,
    convolution.inputGradientAsConvTranspose,
    convolution.inputGradientByPhases,
  ],
  ConvFilterGradient: [
    matrixFilterGradient,
    blockedWindowsFilterGradient,
    ...blockedFilterGradient,
    convolution.portableFilterGradient,
  ],
  ConvTapSums: tapSums,
  MaxPool: [...blockedMaxPool, pooling.portableMaxPool],
  MaxPoolGradient: [pooling.portableMaxPoolGradient],
  ReluMaxPoolGradient: [...blockedReluMaxPoolGradient, pooling.portableReluMaxPoolGradient],
  MaxPoolPlaces: [pooling.portableMaxPoolPlaces],
  AveragePool: [pooling.portableAveragePool],
  AveragePoolGradient: [pooling.tiledAveragePoolGradient, pooling.portableAveragePoolGradient],

  DepthwiseConv: [depthwise.depthwiseConv],
  DepthwiseConvInputGradient: [depthwise.depthwiseInputGradientAsConvTranspose, depthwise.depthwiseInputGradient],
  DepthwiseConvFilterGradient: [depthwise.depthwiseFilterGradient],
  Dilation: [dilation.dilation],
  DilationInputGradient: [dilation.dilationInputGradient],
  DilationFilterGradient: [dilation.dilationFilterGradient],

  LocalResponse: [localResponse.localResponse],
  LocalResponseGradient: [localResponse.localResponseGradient],
  Resize: [resizing.resize],
  ResizeGradient: [resizing.resizeGradient],
  CropAndResize: [sampling.cropAndResize],
  Transform: [sampling.transform],
  AffineSample: [affine.affineSample],
  GridSample: [sampling.sampleByGrid],
  AffineSampleGradient: [affine.affineSampleGradient],
};

/** What a provider puts before the rows above, because it lacks an operator there or is slow at it. */
export const BEFORE: Readonly<Record<Provider, Partial<Table>>> = {
  cpu: {},
  webgpu: {
    SegmentSum: [indexing.segmentSumByProduct],
    ConvInputGradient: [convolution.inputGradientAsConv, gpu.inputGradientByZeros],
    ConvFilterGradient: [gpu.filterGradientByTaps],
    MaxPoolGradient: [gpu.maxPoolGradientByPlaces],
    ReluMaxPoolGradient: [gpu.reluMaxPoolGradientByPlaces],
    MaxPoolPlaces: [gpu.maxPoolPlaces],
  },
  // CUDA has every operator, but adds scattered gradients in any order: the same seed would give other bits.
  cuda: {
    SegmentSum: [indexing.segmentSumByProduct],
    ConvFilterGradient: [gpu.filterGradientByTaps],
    MaxPoolGradient: [gpu.maxPoolGradientByPlaces],
    ReluMaxPoolGradient: [gpu.reluMaxPoolGradientByPlaces],
  },
};

/** The lowering an op takes. The table is total, and every row ends in one that takes all, so there is one. */
export function chooseLowering(op: Op, context: LoweringContext): Lowering {
  const kernel = op.kernel as Exclude<Kernel, 'Leaf'>;
  const rows = [...(BEFORE[context.target.provider][kernel] ?? []), ...LOWERINGS[kernel]] as unknown as Lowering[];
  return rows.find((lowering) => lowering.takes?.(op, context) ?? true)!;
}
