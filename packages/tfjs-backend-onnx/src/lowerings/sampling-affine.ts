/** Images and volumes read through affine maps, one for each of the batch. */
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Shape } from '../graph/op';
import { sizeOf } from '../graph/op';
import { plain, result } from './lowering';
import type { Lowering } from './lowering';
import { gridSample } from './sampling-2d';

/** Where `maps` [B, n, n + 1] put each place of an image of size `outs`: [B, …outs, n]. */
function placesOf(graph: OnnxGraph, maps: Name, batch: number, outs: Shape): Name {
  const rank = outs.length;
  const ones = outs.map(() => 1);
  const column = (i: number): Name => graph.reshape(graph.slice(maps, [i], [i + 1], [2]), [batch, ...ones, rank]);
  // The small sums first: only the last one is over the whole image.
  return outs.reduce((sum, size, axis) => {
    const steps = graph.floats(
      Array.from({ length: size }, (_, i) => i),
      [1, ...ones.map((one, i) => (i === axis ? size : one)), 1],
    );
    return graph.node('Add', [sum, graph.node('Mul', [steps, column(axis)])]);
  }, column(rank));
}

/** Maps to places 0 … size - 1 become maps to GridSample's -1 … 1 from edge to edge, last coordinate first. */
function intoGrid(graph: OnnxGraph, maps: Name, sizes: Shape): Name {
  const rank = sizes.length;
  const backwards = sizes.toReversed();
  const lastFirst = graph.gather(maps, graph.indices(backwards.map((_, i) => rank - 1 - i)), 1);
  const factors = graph.floats(
    backwards.map((size) => 2 / size),
    [rank, 1],
  );
  const offsets = backwards.flatMap((size) => [...Array<number>(rank).fill(0), 1 / size - 1]);
  return graph.node('Add', [graph.node('Mul', [lastFirst, factors]), graph.floats(offsets, [rank, rank + 1])]);
}

export const affineSample: Lowering<'AffineSample'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const [images, maps] = op.inputs;
    const inGrid = intoGrid(graph, plain(context, maps!), images!.shape.slice(1, -1));
    const grid = placesOf(graph, inGrid, images!.shape[0]!, op.shape.slice(1, -1));
    const read = gridSample(graph, context.input(images!).in('channelsFirst'), grid, 'bilinear', op.attributes.padding);
    return result(context, op, read, 'channelsFirst');
  },
};

/**
 * dy is shared out to the 2ⁿ neighbours of each place, in images with a frame of one pixel that takes what falls
 * outside. ScatterElements, not ScatterND: the CPU provider adds with that one in whatever order its threads come.
 */
export const affineSampleGradient: Lowering<'AffineSampleGradient'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const [dy, maps] = op.inputs;
    const sizes = op.shape.slice(1, -1);
    const [batch, channels] = [op.shape[0]!, op.shape.at(-1)!];
    const outs = dy!.shape.slice(1, -1);
    const count = sizeOf(outs);
    const framed = sizes.map((size) => size + 2);
    const strides = framed.map((_, i) => sizeOf(framed.slice(i + 1)));
    const clip = (x: Name, low: number, high: readonly number[]): Name =>
      graph.node('Min', [graph.node('Max', [x, graph.scalar(low, 'float32')]), graph.floats(high)]);

    const places = graph.reshape(placesOf(graph, plain(context, maps!), batch, outs), [batch, count, sizes.length]);
    const at = clip(places, -1, sizes);
    const low = graph.node('Floor', [clip(at, -1, sizes.map((size) => size - 1))]); // prettier-ignore
    const fractions = graph.node('Sub', [at, low]);
    const rest = graph.node('Sub', [graph.scalar(1, 'float32'), fractions]);
    const one = (x: Name, axis: number): Name => graph.slice(x, [axis], [axis + 1], [2]);
    // Integers: a float32 cannot number the voxels of a large batch.
    const whole = graph.node('Cast', [low], { to: ELEMENT_TYPE.int32 });
    const imageStarts = Array.from({ length: batch }, (_, image) => image * sizeOf(framed));
    const first = sizes.reduce<Name>(
      (sum, _, axis) =>
        graph.node('Add', [sum, graph.node('Mul', [one(whole, axis), graph.scalar(strides[axis]!, 'int32')])]),
      graph.indices(imageStarts, [batch, 1, 1]),
    );

    const gradient = graph.reshape(plain(context, dy!), [batch, count, channels]);
    const corners = Array.from({ length: 2 ** sizes.length }, (_, k) => sizes.map((__, axis) => (k >> axis) & 1));
    const shape = [batch * count, channels];
    const empty = graph.node('Expand', [graph.scalar(0, 'float32'), graph.int64([batch * sizeOf(framed), channels])]);
    const sum = corners.reduce((into, corner) => {
      const step = corner.reduce((total, high, axis) => total + (1 + high) * strides[axis]!, 0);
      const weight = corner
        .map((high, axis) => one(high === 1 ? fractions : rest, axis))
        .reduce((a, b) => graph.node('Mul', [a, b]));
      const index = graph.reshape(graph.node('Add', [first, graph.scalar(step, 'int32')]), [batch * count, 1]);
      const indices = channels === 1 ? index : graph.node('Expand', [index, graph.int64(shape)]);
      const share = graph.reshape(graph.node('Mul', [gradient, weight]), shape);
      return graph.node('ScatterElements', [into, indices, share], { axis: 0, reduction: 'add' });
    }, empty);
    const dx = graph.slice(
      graph.reshape(sum, [batch, ...framed, channels]),
      sizes.map(() => 1),
      sizes.map((size) => size + 1),
      sizes.map((_, axis) => axis + 1),
    );
    return result(context, op, dx);
  },
};
