/** Augmentation: images and volumes read through affine maps, as one recorded kernel, differentiable in the images. */
import { cast, engine, registerGradient } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { OnnxBackend } from './backend';

export interface AffineSampleOptions<Size extends readonly number[]> {
  /** What lies beyond the images, such as -1000 HU. Default 0. Between it and the last voxel is interpolated. */
  padding?: number;
  /** Spatial size of the result. Default: that of the images. */
  size?: Size;
}

/**
 * Reads volumes through affine maps, with trilinear interpolation.
 *
 * Gradients flow into the volumes, not into the maps. Needs the onnx backend in use. In an exported model it is one
 * GridSample, which needs opset 20.
 *
 * @param volume [B, D, H, W, C]
 * @param matrices [B, 3, 4]: [d, h, w] in the volume is the matrix times [d, h, w, 1] in the result; both in voxels,
 * whose middles are at whole numbers
 * @returns [B, …size, C], float32
 * @throws ONNX_BACKEND_NOT_REGISTERED, ONNX_AFFINE_SAMPLE_SHAPES
 *
 * ```ts
 * const mirrored = tf.tensor3d([[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, width - 1]]]);
 * const augmented = affineSample3d(volume, mirrored, { padding: -1000 });
 * ```
 */
export function affineSample3d(
  volume: Tensor5D,
  matrices: Tensor3D,
  options: AffineSampleOptions<readonly [number, number, number]> = {},
): Tensor5D {
  return affineSample(volume, matrices, 3, options) as Tensor5D;
}

/**
 * Reads images through affine maps, with bilinear interpolation: {@link affineSample3d} in two dimensions.
 *
 * @param images [B, H, W, C]
 * @param matrices [B, 2, 3]: [h, w] in the image is the matrix times [h, w, 1] in the result
 * @returns [B, …size, C], float32
 * @throws ONNX_BACKEND_NOT_REGISTERED, ONNX_AFFINE_SAMPLE_SHAPES
 */
export function affineSample2d(
  images: Tensor4D,
  matrices: Tensor3D,
  options: AffineSampleOptions<readonly [number, number]> = {},
): Tensor4D {
  return affineSample(images, matrices, 2, options) as Tensor4D;
}

function affineSample(
  images: Tensor,
  maps: Tensor,
  rank: number,
  { padding = 0, size = images.shape.slice(1, -1) }: AffineSampleOptions<readonly number[]>,
): Tensor {
  const backend: unknown = engine().backend;
  if (!(backend instanceof OnnxBackend)) {
    throw onnxBackendError('ONNX_BACKEND_NOT_REGISTERED', { backend: engine().backendName });
  }
  const wanted = [images.shape[0], rank, rank + 1];
  if (images.shape.length !== rank + 2 || maps.shape.join() !== wanted.join() || size.length !== rank) {
    throw onnxBackendError('ONNX_AFFINE_SAMPLE_SHAPES', {
      images: images.shape.join(', '),
      matrices: maps.shape.join(', '),
      size: size.join(', '),
    });
  }
  const inputs = { images: cast(images, 'float32'), maps: cast(maps, 'float32') };
  return engine().runKernel('AffineSample', inputs, { size: [...size], padding });
}

/** Gradients are TF.js's, not a backend's: registered once for all. */
export function registerAffineSampleGradient(): void {
  const config: GradConfig = {
    kernelName: 'AffineSample',
    inputsToSave: ['images', 'maps'],
    gradFunc: (dy, [images, maps]) => ({
      images: () => {
        const inputs = { dy: dy as Tensor, maps: maps! };
        return engine().runKernel('AffineSampleGradient', inputs, { shape: images!.shape });
      },
    }),
  };
  registerGradient(config);
}
