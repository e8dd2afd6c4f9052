import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { anyShape, law, sizes, upTo } from './law';
import type { Law } from './law';

/** A shape with numbers for each axis. */
const shapeAnd = <T>(perAxis: fc.Arbitrary<T>) =>
  anyShape.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axis: upTo(shape.length - 1, 0),
      each: fc.array(perAxis, { minLength: shape.length, maxLength: shape.length }),
    }),
  );
const pads = fc.tuple(upTo(2, 0), upTo(2, 0));
const parts = fc.array(upTo(3), { minLength: 2, maxLength: 3 });

export const arrangementLaws: Law[] = [
  law('reshape, expandDims and squeeze', anyShape, (shape) => ({
    shapes: [shape],
    compute: (x) => tf.mul(tf.squeeze(tf.expandDims(tf.reshape(x, [-1]), 0), [0]), tf.reshape(x, [-1])),
  })),
  law('flatten, then a view under another shape meets the first', sizes(3, 4), ([a, b, c]) => ({
    shapes: [[a!, b!, c!]],
    compute: (x) =>
      tf.add(tf.reshape(tf.square(x), [a!, b! * c!]), tf.reshape(tf.relu(tf.reshape(x, [b!, a!, c!])), [a!, b! * c!])),
  })),
  law('transpose', shapeAnd(fc.nat()), ({ shape, each }) => ({
    shapes: [shape],
    compute: (x) =>
      tf.transpose(
        x,
        shape.map((_, i) => i).sort((i, k) => each[i]! - each[k]!),
      ),
  })),
  law('slice', shapeAnd(fc.tuple(fc.nat(), fc.nat())), ({ shape, each }) => {
    const begin = shape.map((n, i) => each[i]![0] % n);
    const size = shape.map((n, i) => 1 + (each[i]![1] % (n - begin[i]!)));
    return { shapes: [shape], compute: (x) => tf.slice(x, begin, size) };
  }),
  law(
    'stridedSlice',
    shapeAnd(
      fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }), fc.constantFrom(-2, -1, 1, 2, 3)),
    ),
    ({ shape, each }) => ({
      shapes: [shape],
      compute: (x) =>
        tf.stridedSlice(
          x,
          each.map(([from]) => from),
          each.map(([, to]) => to),
          each.map(([, , by]) => by),
        ),
      hasGradients: false,
    }),
  ),
  law('stridedSlice with masks', fc.tuple(sizes(3, 4, 2), sizes(5, 7, 0)), ([shape, masks]) => ({
    shapes: [shape],
    compute: (x) => {
      const [begin, end, , , shrink] = masks;
      return tf.stridedSlice(x, [0, 1, 0], [2, 3, 4], [1, 1, 1], begin, end, 0, 0, shrink);
    },
    hasGradients: false,
  })),
  law('pad', shapeAnd(pads), ({ shape, each }) => ({ shapes: [shape], compute: (x) => tf.pad(x, each, 7) })),
  ...(['reflect', 'symmetric'] as const).map((mode) =>
    law(`mirrorPad, ${mode}`, shapeAnd(pads), ({ shape, each }) => {
      const most = (n: number) => (mode === 'reflect' ? n - 1 : n);
      const within = each.map(([a, b], i): [number, number] => [
        Math.min(a, most(shape[i]!)),
        Math.min(b, most(shape[i]!)),
      ]);
      return { shapes: [shape], compute: (x) => tf.mirrorPad(x, within, mode), hasGradients: shape.length < 5 };
    }),
  ),
  law('concat', fc.tuple(shapeAnd(fc.nat()), parts), ([{ shape, axis }, lengths]) => ({
    shapes: lengths.map((length) => shape.map((n, i) => (i === axis ? length : n))),
    compute: (...xs) => tf.concat(xs, axis),
  })),
  law('split', fc.tuple(shapeAnd(fc.nat()), parts), ([{ shape, axis }, lengths]) => ({
    shapes: [shape.map((n, i) => (i === axis ? lengths.reduce((a, b) => a + b) : n))],
    compute: (x) => {
      const pieces = tf.split(x, lengths, axis);
      return tf.concat(pieces.map((piece, i) => tf.mul(piece, i + 1)).reverse(), axis);
    },
  })),
  law('stack and unstack', shapeAnd(fc.nat()), ({ shape, axis }) => ({
    shapes: [shape],
    compute: (x) => tf.unstack(tf.stack([x, tf.square(x)], axis), axis)[1]!,
  })),
  law('tile', shapeAnd(upTo(3)), ({ shape, each }) => ({ shapes: [shape], compute: (x) => tf.tile(x, each) })),
  // TF.js broadcasts by tiling, which it differentiates up to rank four.
  law('broadcastTo', shapeAnd(fc.boolean()), ({ shape, each }) => ({
    shapes: [shape.map((n, i) => (each[i] ? 1 : n))],
    compute: (x) => tf.broadcastTo(x, [2, ...shape]),
    hasGradients: shape.length < 4,
  })),
  law('reverse', shapeAnd(fc.boolean()), ({ shape, each }) => ({
    shapes: [shape],
    compute: (x) =>
      tf.reverse(
        x,
        shape.map((_, i) => i).filter((i) => each[i]),
      ),
  })),
  law(
    'gather',
    fc.tuple(shapeAnd(fc.nat()), fc.array(fc.nat(), { minLength: 1, maxLength: 5 })),
    ([{ shape, axis }, picks]) => ({
      shapes: [shape],
      compute: (x) =>
        tf.gather(
          x,
          tf.tensor1d(
            picks.map((pick) => pick % shape[axis]!),
            'int32',
          ),
          axis,
        ),
    }),
  ),
  law('gather with batch dimensions', sizes(3, 4), ([batch, rows, columns]) => ({
    shapes: [[batch!, rows!, columns!]],
    compute: (x) => tf.gather(x, tf.zeros([batch!, 2], 'int32'), 1, 1),
    hasGradients: false,
  })),
  law(
    'embedding',
    fc.tuple(sizes(2, 5), fc.array(fc.nat(), { minLength: 4, maxLength: 4 })),
    ([[words, width], text]) => ({
      shapes: [[words!, width!]],
      compute: (x) =>
        tf.reshape(
          tf.gather(
            x,
            tf.tensor1d(
              text.map((word) => word % words!),
              'int32',
            ),
          ),
          [2, 2, width!],
        ),
    }),
  ),
  law('gatherND', sizes(3, 4), (shape) => ({
    shapes: [shape],
    compute: (x) =>
      tf.gatherND(
        x,
        tf.tensor2d(
          [
            [0, 0],
            [shape[0]! - 1, shape[1]! - 1],
          ],
          [2, 2],
          'int32',
        ),
      ),
    hasGradients: false,
  })),
  law('scatterND', sizes(2, 4), ([rows, columns]) => ({
    shapes: [[3, columns!]],
    compute: (x) => tf.scatterND(tf.tensor2d([[0], [rows!], [0]], [3, 1], 'int32'), x, [rows! + 1, columns!]),
    hasGradients: false,
  })),
  law(
    'unsortedSegmentSum',
    fc.tuple(sizes(2, 4), fc.array(upTo(2, 0), { minLength: 4, maxLength: 4 })),
    ([[rows, columns], segments]) => ({
      shapes: [[rows!, columns!]],
      compute: (x) => tf.unsortedSegmentSum(x, tf.tensor1d(segments.slice(0, rows), 'int32'), 3),
    }),
  ),
  law('oneHot', fc.tuple(sizes(2, 4), upTo(5, 2)), ([shape, depth]) => ({
    shapes: [shape],
    compute: (x) => tf.oneHot(tf.cast(tf.mul(x, 3), 'int32'), depth, 2, -1),
    hasGradients: false,
  })),
  law('einsum', sizes(3, 4), ([i, j, k]) => ({
    shapes: [
      [i!, j!],
      [j!, k!],
    ],
    compute: (a, b) => tf.einsum('ij,jk->ki', a, b),
    hasGradients: false,
  })),
  law('linspace, range, eye and fill', sizes(1, 4), ([n]) => ({
    shapes: [[n!, n!]],
    compute: (x) =>
      tf.addN([
        tf.mul(x, tf.eye(n!)),
        tf.mul(tf.linspace(0, 1, n!), x),
        tf.mul(tf.range(0, n!), x),
        tf.mul(tf.fill([n!, n!], 3), x),
      ]),
  })),
];
