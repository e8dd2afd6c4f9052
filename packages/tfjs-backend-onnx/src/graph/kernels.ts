/**
 * The vocabulary of the graph: every kernel that can be recorded, with the attributes it carries.
 * Names are those of TF.js, but for the families that are one kernel whatever their rank
 * (`Conv` stands for Conv2D and Conv3D) and the kernels that only passes make (`ConvBias`, `ReluMaxPoolGradient`).
 */
import type { Dtype, Shape } from './tensor-type';

export type NoAttributes = Record<string, never>;

/** A window that slides over the spatial dimensions of [batch, …spatial, channels]. */
export interface WindowAttributes {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  padsBefore: readonly number[];
  padsAfter: readonly number[];
  inShape: Shape;
  outShape: Shape;
}

export interface AxesAttributes {
  axes: readonly number[];
  keepDims: boolean;
}

export interface LocalResponseAttributes {
  depthRadius: number;
  bias: number;
  alpha: number;
  beta: number;
}

export type Interpolation = 'bilinear' | 'nearest';
/** What lies beyond an image. */
export type FillMode = 'constant' | 'reflect' | 'wrap' | 'nearest';

/** Sizes are [height, width]; the flags are those of tf.image.resizeBilinear. */
export interface ResizeAttributes {
  method: Interpolation;
  inSize: readonly number[];
  outSize: readonly number[];
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

export const FLOAT_UNARY = [
  'Relu',
  'Relu6',
  'Elu',
  'Selu',
  'Sqrt',
  'Rsqrt',
  'Exp',
  'Expm1',
  'Log',
  'Log1p',
  'Sigmoid',
  'Tanh',
  'Softplus',
  'Floor',
  'Ceil',
  'Round',
  'Reciprocal',
  'Sin',
  'Cos',
  'Tan',
  'Asin',
  'Acos',
  'Atan',
  'Sinh',
  'Cosh',
  'Asinh',
  'Acosh',
  'Atanh',
  'Erf',
] as const;
export const NUMERIC_UNARY = ['Neg', 'Abs', 'Square', 'Sign'] as const;
export const FLOAT_TESTS = ['IsNan', 'IsInf', 'IsFinite'] as const;
export const FLOAT_BINARY = ['RealDiv', 'Pow', 'FloorDiv', 'Mod', 'EluGrad', 'Prelu', 'Atan2'] as const;
export const NUMERIC_BINARY = ['Add', 'Sub', 'Multiply', 'Maximum', 'Minimum', 'SquaredDifference'] as const;
export const COMPARISONS = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'] as const;
export const LOGICAL_BINARY = ['LogicalAnd', 'LogicalOr'] as const;
export const REDUCTIONS = ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any'] as const;

type Plain =
  | (typeof FLOAT_UNARY)[number]
  | (typeof NUMERIC_UNARY)[number]
  | (typeof FLOAT_TESTS)[number]
  | (typeof FLOAT_BINARY)[number]
  | (typeof NUMERIC_BINARY)[number]
  | (typeof COMPARISONS)[number]
  | (typeof LOGICAL_BINARY)[number];

export type KernelAttributes = Record<Plain, NoAttributes> &
  Record<(typeof REDUCTIONS)[number], AxesAttributes> & {
    /** A tensor whose values are known: written by the caller, or computed before. */
    Leaf: NoAttributes;
    AddN: NoAttributes;
    LogicalNot: NoAttributes;
    BitwiseAnd: NoAttributes;
    ZerosLike: NoAttributes;
    OnesLike: NoAttributes;
    LeakyRelu: { alpha: number };
    Step: { alpha: number };
    ClipByValue: { min: number; max: number };
    Cast: { to: Dtype };
    Select: NoAttributes;
    ArgMax: { axis: number };
    ArgMin: { axis: number };
    Cumsum: { axis: number; exclusive: boolean; reverse: boolean };
    Softmax: { axis: number };
    BatchMatMul: { transposeA: boolean; transposeB: boolean };
    /** inputs: x, mean, variance, then scale and offset where present */
    FusedBatchNorm: { epsilon: number; hasScale: boolean; hasOffset: boolean };
    Transpose: { perm: readonly number[] };
    Slice: { begin: readonly number[]; size: readonly number[] };
    /** Ends are exclusive; -1 is before the first where the stride is negative. */
    StridedSlice: { begin: readonly number[]; end: readonly number[]; strides: readonly number[] };
    Concat: { axis: number };
    Tile: { reps: readonly number[] };
    PadV2: { before: readonly number[]; after: readonly number[]; value: number };
    MirrorPad: { before: readonly number[]; after: readonly number[]; mode: 'reflect' | 'symmetric' };
    OneHot: { depth: number; onValue: number; offValue: number };
    GatherV2: { axis: number };
    /** inputs: updates [n, …], places [n]; those outside [0, rows) are left out */
    SegmentSum: { rows: number };
    /** inputs: data [rows, …], places [n], updates [n, …] */
    ScatterUpdate: NoAttributes;
    /** inputs: the number of the call, a scalar */
    DropoutMask: { seed: number; rate: number };
    TopKValues: { k: number };
    TopKIndices: { k: number };
    /** inputs: x [B, …spatial, I], filter […kernel, I, O] */
    Conv: WindowAttributes;
    /** inputs: dy, filter; the shape is that of x */
    ConvInputGradient: WindowAttributes;
    /** inputs: x, dy; the shape is that of the filter */
    ConvFilterGradient: WindowAttributes;
    /** Made by a pass: the filter gradient for an input of ones. inputs: dy; the shape is […kernel, 1, O] */
    ConvTapSums: WindowAttributes;
    /** Made by a pass: 1 / √(x + ε) */
    InverseDeviation: { epsilon: number };
    MaxPool: WindowAttributes;
    /** inputs: dy, x, pooled */
    MaxPoolGradient: WindowAttributes;
    /** inputs: x, where the maxima are wanted; int32 places as in tf.maxPoolWithArgmax */
    MaxPoolPlaces: WindowAttributes & { withBatch: boolean };
    AveragePool: WindowAttributes;
    /** inputs: dy; the shape is that of x */
    AveragePoolGradient: WindowAttributes;
    /** inputs: x [B, H, W, I], filter [h, w, I, M]; channel i · M + m of the result is channel i by filter m */
    DepthwiseConv: WindowAttributes;
    /** inputs: dy, filter; the shape is that of x */
    DepthwiseConvInputGradient: WindowAttributes;
    /** inputs: x, dy; the shape is that of the filter */
    DepthwiseConvFilterGradient: WindowAttributes;
    /** The largest sum of x and filter [h, w, C] in each window. inputs: x, filter */
    Dilation: WindowAttributes;
    /** inputs: x, filter, dy; the shape is that of x */
    DilationInputGradient: WindowAttributes;
    /** inputs: x, filter, dy; the shape is that of the filter */
    DilationFilterGradient: WindowAttributes;
    /** Over neighbouring channels. inputs: x */
    LocalResponse: LocalResponseAttributes;
    /** inputs: x, y, dy */
    LocalResponseGradient: LocalResponseAttributes;
    /** inputs: images [B, H, W, C] */
    Resize: ResizeAttributes;
    /** inputs: dy; the shape is that of the images */
    ResizeGradient: ResizeAttributes;
    /** inputs: images [B, H, W, C], boxes [N, 4] as shares of the image, and whose image each box is in: [N] int32 */
    CropAndResize: { method: Interpolation; extrapolationValue: number };
    /** inputs: images [B, H, W, C], projective maps [B or 1, 8] from places in the result to places in the image */
    Transform: { interpolation: Interpolation; fillMode: FillMode; fillValue: number };
    /** inputs: images [B, …spatial, C], affine maps [B, n, n + 1] from places in the result to places in the image */
    AffineSample: { padding: number };
    /** inputs: images [B, …spatial, C], grid [B, …places, n] of places from -1 to 1, the last coordinate first */
    GridSample: { interpolation: Interpolation; alignCorners: boolean };
    /** inputs: dy, the maps; the shape is that of the images */
    AffineSampleGradient: NoAttributes;
    /** Made by a pass: convolution, bias [O] and perhaps ReLU in one. */
    ConvBias: WindowAttributes & { relu: boolean };
    /** Made by a pass: Σ a·B + c and perhaps ReLU. inputs: tensors […, C], the factors [C] of those scaled, then c [C] where shifted */
    ChannelAffine: { scaled: readonly boolean[]; shifted: boolean; relu: boolean };
    /** Made by a pass: Σ a·b over all but the channels of two tensors […, C] */
    ChannelDot: NoAttributes;
    /** Made by a pass: Σ scale · vector + offset, of vectors of the same length or of one number */
    Combination: { scales: readonly number[]; offset: number };
    /** Made by a pass: the gradient through max pooling and the ReLU before it; x and pooled are never negative. */
    ReluMaxPoolGradient: WindowAttributes;
  };

export type Kernel = keyof KernelAttributes;
