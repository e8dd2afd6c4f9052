/** Images resized, cropped, turned and mapped, and their responses normalised. */
import { backend_util } from '@tensorflow/tfjs-core';
import type {
  CropAndResizeAttrs,
  LRNAttrs,
  ResizeBilinearAttrs,
  RotateWithOffsetAttrs,
  TransformAttrs,
} from '@tensorflow/tfjs-core';
import type { Interpolation, ResizeAttributes } from '../../graph/kernels';
import { makeLeaf } from '../../graph/op';
import type { Operand, Shape } from '../../graph/op';
import { asFloat, dtypeOf, input, isFloat, record, view } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';

/** A tensor that the recorder itself makes. */
function given(value: Float32Array | Int32Array, shape: Shape): Operand {
  return { op: makeLeaf(value, shape, value instanceof Int32Array ? 'int32' : 'float32'), shape };
}

function resizing(
  method: Interpolation,
  images: Shape,
  outSize: readonly number[],
  call: KernelCall,
): ResizeAttributes {
  const { alignCorners, halfPixelCenters } = call.attributes as unknown as ResizeBilinearAttrs;
  return { method, inSize: images.slice(1, 3), outSize: [...outSize], alignCorners, halfPixelCenters };
}

function resize(method: Interpolation): Recorder {
  return (call) => {
    const images = input(call, 'images');
    const { size } = call.attributes as unknown as ResizeBilinearAttrs;
    const x = method === 'bilinear' ? asFloat(images) : images;
    const shape = [x.shape[0]!, ...size, x.shape[3]!];
    return record('Resize', [x], resizing(method, x.shape, size, call), shape, dtypeOf(x));
  };
}

/** The gradient of what was computed, half pixel centres too, of which tfjs-cpu knows nothing here. */
function resizeGradient(method: Interpolation): Recorder {
  return (call) => {
    const [dy, { shape }] = [input(call, 'dy'), input(call, 'images')];
    return record('ResizeGradient', [dy], resizing(method, shape, dy.shape.slice(1, 3), call), shape, 'float32');
  };
}

function cropAndResize(call: KernelCall): Operand | null {
  const [image, boxes, boxInd] = [input(call, 'image'), input(call, 'boxes'), input(call, 'boxInd')];
  const { cropSize, method, extrapolationValue } = call.attributes as unknown as CropAndResizeAttrs;
  if (!isFloat(boxes) || dtypeOf(boxInd) !== 'int32') return null;
  const shape = [boxes.shape[0]!, ...cropSize, image.shape[3]!];
  return record('CropAndResize', [asFloat(image), boxes, boxInd], { method, extrapolationValue }, shape, 'float32');
}

function transform(call: KernelCall): Operand | null {
  const [image, transforms] = [input(call, 'image'), input(call, 'transforms')];
  const { interpolation, fillMode, fillValue, outputShape } = call.attributes as unknown as TransformAttrs;
  if (!isFloat(transforms)) return null;
  const [batch, height, width, channels] = image.shape;
  const [outHeight, outWidth] = outputShape ?? [height!, width!];
  const shape = [batch!, outHeight, outWidth, channels!];
  const y = record('Transform', [asFloat(image), transforms], { interpolation, fillMode, fillValue }, shape, 'float32');
  const dtype = dtypeOf(image);
  return dtype === 'float32' ? y : record('Cast', [y], { to: dtype }, shape, dtype);
}

/** Which pixels land where is worked out here: an angle in the graph would compile a graph for each angle. */
function rotate(call: KernelCall): Operand | null {
  const image = input(call, 'image');
  const { radians, fillValue, center } = call.attributes as unknown as RotateWithOffsetAttrs;
  const dtype = dtypeOf(image);
  if (dtype === 'bool') return null;
  const [batch, height, width, channels] = image.shape as [number, number, number, number];
  const fills = Array.from({ length: channels }, (_, channel) => {
    if (typeof fillValue === 'number') return fillValue;
    return channel === 3 ? OPAQUE : fillValue[channel]!;
  });
  const withFill = withPixelAfter(view(image, [batch, height * width, channels]), fills);
  const sources = given(sourcesOfRotation(height, width, radians, center), [height * width]);
  const turned = record('GatherV2', [withFill, sources], { axis: 1 }, [batch, height * width, channels], dtype);
  return view(turned, image.shape);
}

/** One pixel more than in [B, pixels, C]. */
function withPixelAfter(pixels: Operand, values: readonly number[]): Operand {
  const [batch, count, channels] = pixels.shape as [number, number, number];
  const dtype = dtypeOf(pixels);
  const shape = [batch, count + 1, channels];
  const [value] = values;
  // Does not depend on the batch, unlike a tensor of that many pixels.
  if (values.every((other) => other === value)) {
    return record('PadV2', [pixels], { before: [0, 0, 0], after: [0, 1, 0], value: value! }, shape, dtype);
  }
  const all = Array.from({ length: batch }, () => values).flat();
  const pixel = given(dtype === 'int32' ? Int32Array.from(all) : Float32Array.from(all), [batch, 1, channels]);
  return record('Concat', [pixels, pixel], { axis: 1 }, shape, dtype);
}

/** Alpha of what a rotation brings in from outside. */
const OPAQUE = 255;

/** For every pixel of the turned image, the pixel that lands there; one past the last where none does. */
function sourcesOfRotation(height: number, width: number, radians: number, center: number | [number, number]) {
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  return Int32Array.from({ length: height * width }, (_, i) => {
    const [x, y] = [(i % width) - centerX, Math.floor(i / width) - centerY];
    const column = Math.round(x * cos - y * sin + centerX);
    const row = Math.round(x * sin + y * cos + centerY);
    const isInside = column >= 0 && column < width && row >= 0 && row < height;
    return isInside ? row * width + column : height * width;
  });
}

function flipLeftRight(call: KernelCall): Operand {
  const image = input(call, 'image');
  const width = image.shape[2]!;
  const backwards = given(
    Int32Array.from({ length: width }, (_, i) => width - 1 - i),
    [width],
  );
  return record('GatherV2', [image, backwards], { axis: 2 }, image.shape, dtypeOf(image));
}

export const imageKernels: Record<string, Recorder> = {
  LRN: (call) => {
    const x = input(call, 'x');
    const { depthRadius, bias, alpha, beta } = call.attributes as unknown as LRNAttrs;
    return isFloat(x) ? record('LocalResponse', [x], { depthRadius, bias, alpha, beta }, x.shape, 'float32') : null;
  },
  LRNGrad: (call) => {
    const [x, y, dy] = [input(call, 'x'), input(call, 'y'), input(call, 'dy')];
    const { depthRadius, bias, alpha, beta } = call.attributes as unknown as LRNAttrs;
    return record('LocalResponseGradient', [x, y, dy], { depthRadius, bias, alpha, beta }, x.shape, 'float32');
  },
  ResizeBilinear: resize('bilinear'),
  ResizeBilinearGrad: resizeGradient('bilinear'),
  ResizeNearestNeighbor: resize('nearest'),
  ResizeNearestNeighborGrad: resizeGradient('nearest'),
  CropAndResize: cropAndResize,
  Transform: transform,
  RotateWithOffset: rotate,
  FlipLeftRight: flipLeftRight,
  AffineSample: (call) => {
    const [images, maps] = [input(call, 'images'), input(call, 'maps')];
    const { size, padding } = call.attributes as { size: readonly number[]; padding: number };
    const shape = [images.shape[0]!, ...size, images.shape.at(-1)!];
    return record('AffineSample', [images, maps], { padding }, shape, 'float32');
  },
  GridSample: (call) => {
    const [images, grid] = [input(call, 'images'), input(call, 'grid')];
    const { interpolation, alignCorners } = call.attributes as { interpolation: Interpolation; alignCorners: boolean };
    const shape = [...grid.shape.slice(0, -1), images.shape.at(-1)!];
    return record('GridSample', [asFloat(images), grid], { interpolation, alignCorners }, shape, 'float32');
  },
  AffineSampleGradient: (call) => {
    const shape = call.attributes['shape'] as Shape;
    return record('AffineSampleGradient', [input(call, 'dy'), input(call, 'maps')], {}, shape, 'float32');
  },
};

/** Kernels of this package that TF.js does not have: see affine-sample.ts. GridSample comes from imported models. */
export const OWN_KERNELS = ['AffineSample', 'AffineSampleGradient', 'GridSample'] as const;
