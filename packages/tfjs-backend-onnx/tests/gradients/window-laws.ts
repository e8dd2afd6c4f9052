import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { law, sizes, upTo } from './law';
import type { Law } from './law';

/** A window over `rank` spatial dimensions that TF.js accepts. */
function windows(rank: 1 | 2 | 3) {
  const isValid = ({
    size,
    kernel,
    dilation,
    pad,
  }: {
    size: number[];
    kernel: number;
    dilation: number;
    pad: string;
  }) => pad === 'same' || size.every((n) => n >= (kernel - 1) * dilation + 1);
  return (
    fc
      .record({
        batch: upTo(3),
        size: sizes(rank, rank === 3 ? 5 : 7, 3),
        inner: upTo(3),
        outer: upTo(3),
        kernel: upTo(3),
        stride: upTo(3),
        dilation: upTo(2),
        pad: fc.constantFrom('same' as const, 'valid' as const),
      })
      // Strides or dilation, not both.
      .map((given) => ({ ...given, dilation: given.stride > 1 ? 1 : given.dilation }))
      // TF.js pads a 3D window smaller than its stride by less than nothing, and tfjs-cpu alone knows what it means.
      .map((given) => ({ ...given, stride: rank === 3 ? Math.min(given.stride, given.kernel) : given.stride }))
      .filter(isValid)
      .map((given) => ({
        ...given,
        x: [given.batch, ...given.size, given.inner],
        filter: [...Array<number>(rank).fill(given.kernel), given.inner, given.outer],
        // TF.js: "dilation rates greater than 1 are not yet supported in gradients".
        hasGradients: given.dilation === 1,
      }))
  );
}

const convolutionLaws: Law[] = [
  law('conv1d', windows(1), ({ x, filter, stride, pad, dilation, hasGradients }) => ({
    shapes: [x, filter],
    compute: (a, w) => tf.conv1d(a as tf.Tensor3D, w as tf.Tensor3D, stride, pad, 'NWC', dilation),
    hasGradients,
  })),
  law('conv2d', windows(2), ({ x, filter, stride, pad, dilation, hasGradients }) => ({
    shapes: [x, filter],
    compute: (a, w) => tf.conv2d(a as tf.Tensor4D, w as tf.Tensor4D, stride, pad, 'NHWC', dilation),
    hasGradients,
  })),
  law('conv3d', windows(3), ({ x, filter, stride, pad, dilation, hasGradients }) => ({
    shapes: [x, filter],
    compute: (a, w) =>
      tf.conv3d(a as tf.Tensor5D, w as tf.Tensor5D, stride, pad, 'NDHWC', [dilation, dilation, dilation]),
    hasGradients,
  })),
  law(
    'conv2d with a stride and a kernel for each axis',
    fc.tuple(windows(2), sizes(2, 3), sizes(2, 3)),
    ([given, kernel, strides]) => ({
      shapes: [given.x, [...kernel, given.inner, given.outer]],
      compute: (a, w) => tf.conv2d(a as tf.Tensor4D, w as tf.Tensor4D, strides as [number, number], given.pad),
    }),
  ),
  law(
    'conv3d with a stride and a kernel for each axis',
    fc.tuple(windows(3), sizes(3, 3), sizes(3, 3)),
    ([given, kernel, steps]) => {
      const strides = steps.map((step, i) => Math.min(step, kernel[i]!)) as [number, number, number];
      return {
        shapes: [given.x, [...kernel, given.inner, given.outer]],
        compute: (a, w) => tf.conv3d(a as tf.Tensor5D, w as tf.Tensor5D, strides, given.pad),
      };
    },
  ),
  law('conv2d with explicit padding', fc.tuple(windows(2), upTo(2, 0)), ([{ x, filter, stride }, pad]) => ({
    shapes: [x, filter],
    compute: (a, w) => tf.conv2d(a as tf.Tensor4D, w as tf.Tensor4D, stride, pad, 'NHWC', 1, 'floor'),
  })),
  law('conv2d with bias and relu, fused', windows(2), ({ x, filter, stride, pad, outer }) => ({
    shapes: [x, filter, [outer]],
    compute: (a, w, bias) =>
      tf.fused.conv2d({
        x: a as tf.Tensor4D,
        filter: w as tf.Tensor4D,
        strides: stride,
        pad,
        bias: bias,
        activation: 'relu',
      }),
  })),
  ...([2, 3] as const).map((rank) =>
    law(`conv${rank}d, bias and relu in three steps`, windows(rank), ({ x, filter, stride, pad, outer }) => ({
      shapes: [x, filter, [outer]],
      compute: (a, w, bias) => {
        const sums =
          rank === 2
            ? tf.conv2d(a as tf.Tensor4D, w as tf.Tensor4D, stride, pad)
            : tf.conv3d(a as tf.Tensor5D, w as tf.Tensor5D, stride, pad);
        return tf.relu(tf.add(sums, bias));
      },
    })),
  ),
  law('depthwiseConv2d', windows(2), ({ x, kernel, inner, outer, stride, pad, dilation, hasGradients }) => ({
    shapes: [x, [kernel, kernel, inner, outer]],
    compute: (a, w) => tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, stride, pad, 'NHWC', dilation),
    hasGradients,
  })),
  law('separableConv2d', windows(2), ({ x, kernel, inner, outer, stride, pad }) => ({
    shapes: [x, [kernel, kernel, inner, 2], [1, 1, inner * 2, outer]],
    compute: (a, deep, wide) =>
      tf.separableConv2d(a as tf.Tensor4D, deep as tf.Tensor4D, wide as tf.Tensor4D, stride, pad),
  })),
  law('conv2dTranspose', windows(2), ({ batch, size, inner, outer, kernel, stride, pad }) => {
    const target = size.map((n) => (pad === 'same' ? n * stride : (n - 1) * stride + kernel));
    return {
      shapes: [
        [batch, ...size, inner],
        [kernel, kernel, outer, inner],
      ],
      compute: (a, w) =>
        tf.conv2dTranspose(
          a as tf.Tensor4D,
          w as tf.Tensor4D,
          [batch, ...target, outer] as [number, number, number, number],
          stride,
          pad,
        ),
    };
  }),
  law('conv3dTranspose', windows(3), ({ batch, size, inner, outer, kernel, stride, pad }) => {
    const target = size.map((n) => (pad === 'same' ? n * stride : (n - 1) * stride + kernel));
    return {
      shapes: [
        [batch, ...size, inner],
        [kernel, kernel, kernel, outer, inner],
      ],
      compute: (a, w) =>
        tf.conv3dTranspose(
          a as tf.Tensor5D,
          w as tf.Tensor5D,
          [batch, ...target, outer] as [number, number, number, number, number],
          stride,
          pad,
        ),
      // TF.js has none.
      hasGradients: false,
    };
  }),
];

type Three = [number, number, number];

const poolLaws: Law[] = [
  ...(['maxPool', 'avgPool'] as const).flatMap((name) => [
    law(name, windows(2), ({ x, kernel, stride, pad }) => ({
      shapes: [x],
      compute: (a) => tf[name](a as tf.Tensor4D, kernel, stride, pad),
    })),
    law(`${name} of three dimensions`, windows(3), ({ x, kernel, stride, pad }) => ({
      shapes: [x],
      compute: (a) => tf[`${name}3d`](a as tf.Tensor5D, kernel, stride, pad),
    })),
    law(
      `${name} with a stride and a window for each axis`,
      fc.tuple(windows(2), sizes(2, 3), sizes(2, 3)),
      ([{ x, pad }, kernel, strides]) => ({
        shapes: [x],
        compute: (a) => tf[name](a as tf.Tensor4D, kernel as [number, number], strides as [number, number], pad),
      }),
    ),
    // tfjs-cpu loses gradients of 3D windows that are no cubes.
    law(
      `${name} of three dimensions by tiles of any form`,
      fc.tuple(sizes(3, 2), sizes(3, 3), upTo(2), upTo(4)),
      ([tile, counts, batch, channels]) => ({
        shapes: [[batch, ...counts.map((n, i) => n * tile[i]!), channels]],
        compute: (a) => tf[`${name}3d`](a as tf.Tensor5D, tile as Three, tile as Three, 'valid'),
        reference: (a) => {
          const apart = tf.reshape(a, [batch, ...counts.flatMap((n, i) => [n, tile[i]!]), channels]);
          return name === 'maxPool' ? tf.max(apart, [2, 4, 6]) : tf.mean(apart, [2, 4, 6]);
        },
      }),
    ),
  ]),
  law('pool, dilated', windows(2), ({ x, kernel, dilation, pad }) => ({
    shapes: [x],
    compute: (a) => tf.pool(a as tf.Tensor4D, kernel, 'max', pad, dilation),
    // TF.js batches the dilated ones by space, and its gradient loses an axis.
    hasGradients: dilation === 1,
  })),
  law('relu and maxPool3d together', windows(3), ({ x, kernel, stride, pad }) => ({
    shapes: [x],
    compute: (a) => tf.maxPool3d(tf.relu(a as tf.Tensor5D), kernel, stride, pad),
  })),
  law('dilation2d', windows(2), ({ x, kernel, inner, stride, pad }) => ({
    shapes: [x, [kernel, kernel, inner]],
    compute: (a, w) => tf.dilation2d(a as tf.Tensor4D, w as tf.Tensor3D, stride, pad),
    hasGradients: false,
  })),
];

const resize = fc
  .record({ shape: sizes(4, 5), target: sizes(2, 7), alignCorners: fc.boolean(), halfPixelCenters: fc.boolean() })
  .map((given) => {
    const [, height, width] = given.shape;
    // TF.js's gradients ignore halfPixelCenters, and tfjs-cpu's never end for one row or column with aligned corners.
    const hasGradients = given.alignCorners ? height !== 1 && width !== 1 : !given.halfPixelCenters;
    return { ...given, halfPixelCenters: given.halfPixelCenters && !given.alignCorners, hasGradients };
  });

const imageLaws: Law[] = [
  // tfjs-cpu swaps width and height of this gradient.
  law('resizeBilinear', resize, ({ shape, target, alignCorners, halfPixelCenters, hasGradients }) => ({
    shapes: [shape],
    compute: (x) =>
      tf.image.resizeBilinear(x as tf.Tensor4D, target as [number, number], alignCorners, halfPixelCenters),
    hasGradients: hasGradients && shape[1] === shape[2],
  })),
  law('resizeNearestNeighbor', resize, ({ shape, target, alignCorners, halfPixelCenters, hasGradients }) => {
    const compute = (x: tf.Tensor): tf.Tensor =>
      tf.image.resizeNearestNeighbor(x as tf.Tensor4D, target as [number, number], alignCorners, halfPixelCenters);
    // tfjs-cpu reads the gradients of all but the first image at wrong places.
    const reference = (x: tf.Tensor): tf.Tensor => tf.concat(tf.split(x, shape[0]!).map(compute), 0);
    return { shapes: [shape], compute, hasGradients, reference };
  }),
  law(
    'cropAndResize',
    fc.tuple(sizes(4, 5), sizes(2, 4)),
    ([shape, target]) => ({
      shapes: [shape, [3, 4]],
      compute: (x, boxes) =>
        tf.image.cropAndResize(
          x as tf.Tensor4D,
          tf.sigmoid(boxes as tf.Tensor2D),
          tf.tensor1d([0, shape[0]! - 1, 0], 'int32'),
          target as [number, number],
        ),
      hasGradients: false,
    }),
    { tolerance: 1e-4 },
  ),
  law('flipLeftRight', sizes(4, 4), (shape) => ({
    shapes: [shape],
    compute: (x) => tf.image.flipLeftRight(x as tf.Tensor4D),
    hasGradients: false,
  })),
  law('rotateWithOffset', fc.tuple(sizes(4, 5), fc.integer({ min: -31, max: 31 })), ([shape, tenths]) => ({
    shapes: [shape],
    compute: (x) => tf.image.rotateWithOffset(x as tf.Tensor4D, tenths / 10, 0.25),
    hasGradients: false,
  })),
  law('depthToSpace and back', sizes(3, 3), ([batch, height, width]) => ({
    shapes: [[batch!, height!, width!, 8]],
    compute: (x) => tf.depthToSpace(x as tf.Tensor4D, 2),
    hasGradients: false,
  })),
  law('spaceToBatchND and batchToSpaceND', sizes(3, 3), ([batch, height, width]) => ({
    shapes: [[batch!, height! * 2, width! * 2, 2]],
    compute: (x) =>
      tf.batchToSpaceND(
        tf.square(
          tf.spaceToBatchND(
            x,
            [2, 2],
            [
              [2, 0],
              [0, 2],
            ],
          ),
        ),
        [2, 2],
        [
          [0, 2],
          [1, 1],
        ],
      ),
  })),
];

export const windowLaws: Law[] = [...convolutionLaws, ...poolLaws, ...imageLaws];
