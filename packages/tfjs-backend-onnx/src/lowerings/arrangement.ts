/** Kernels that move elements without computing. */
import { result, plain, portable } from './lowering';
import type { Lowering } from './lowering';
import { ELEMENT_TYPE } from '../graph/onnx-graph';

/** Slice's word for "to the end", whatever the size: keeps an exported graph free of its batch size. */
const TO_THE_END = 2 ** 31 - 1;

export const transpose: readonly Lowering<'Transpose'>[] = [
  portable((graph, [x], op) => graph.transpose(x!, op.attributes.perm)),
];

export const slice: readonly Lowering<'Slice'>[] = [
  portable((graph, [x], op) => {
    const { begin, size } = op.attributes;
    const { shape } = op.inputs[0]!;
    const axes = shape.map((_, axis) => axis).filter((axis) => size[axis] !== shape[axis]);
    if (axes.length === 0) return x!;
    const end = (axis: number): number => {
      const stop = begin[axis]! + size[axis]!;
      return stop === shape[axis] ? TO_THE_END : stop;
    };
    return graph.slice(
      x!,
      axes.map((axis) => begin[axis]!),
      axes.map(end),
      axes,
    );
  }),
];

/** Any strides. ONNX counts negative ends from the end: "before the first" is therefore very far. */
export const stridedSlice: readonly Lowering<'StridedSlice'>[] = [
  portable((graph, [x], op) => {
    const { begin, end, strides } = op.attributes;
    const ends = end.map((stop, axis) => (strides[axis]! < 0 && stop < 0 ? -TO_THE_END : stop));
    const axes = begin.map((_, axis) => axis);
    return graph.node('Slice', [x!, ...[begin, ends, axes, strides].map((values) => graph.int64(values))]);
  }),
];

export const concat: readonly Lowering<'Concat'>[] = [
  portable((graph, inputs, op) => graph.concat(inputs, op.attributes.axis)),
];

export const tile: readonly Lowering<'Tile'>[] = [
  portable((graph, [x], op) => graph.node('Tile', [x!, graph.int64(op.attributes.reps)])),
];

export const padV2: readonly Lowering<'PadV2'>[] = [
  portable((graph, [x], op) => {
    const { before, after, value } = op.attributes;
    return graph.node('Pad', [x!, graph.int64([...before, ...after]), graph.scalar(value, op.dtype)]);
  }),
];

export const mirrorPad: readonly Lowering<'MirrorPad'>[] = [
  portable((graph, [x], op) => {
    const { before, after, mode } = op.attributes;
    if (mode === 'reflect') return graph.node('Pad', [x!, graph.int64([...before, ...after])], { mode });
    // ONNX cannot repeat the edge itself.
    return op.inputs[0]!.shape.reduce((padded, size, axis) => {
      if (before[axis] === 0 && after[axis] === 0) return padded;
      const places = Array.from({ length: op.shape[axis]! }, (_, i) => {
        const place = i - before[axis]!;
        return place < 0 ? -1 - place : place < size ? place : 2 * size - 1 - place;
      });
      return graph.gather(padded, graph.indices(places), axis);
    }, x!);
  }),
];

export const gatherV2: readonly Lowering<'GatherV2'>[] = [
  portable((graph, [x, indices], op) => graph.gather(x!, indices!, op.attributes.axis)),
];

/** By comparison, not ONNX's OneHot: that one counts negative indices from the end, TF.js gives them no place. */
export const oneHot: readonly Lowering<'OneHot'>[] = [
  {
    name: 'portable',
    lower(op, context) {
      const { graph } = context;
      const { depth, onValue, offValue } = op.attributes;
      const places = graph.indices(Array.from({ length: depth }, (_, i) => i));
      const column = graph.node('Unsqueeze', [plain(context, op.inputs[0]!), graph.int64([-1])]);
      const hit = graph.node('Equal', [column, places]);
      if (onValue === 1 && offValue === 0) {
        return result(context, op, graph.node('Cast', [hit], { to: ELEMENT_TYPE[op.dtype] }));
      }
      return result(
        context,
        op,
        graph.node('Where', [hit, graph.scalar(onValue, op.dtype), graph.scalar(offValue, op.dtype)]),
      );
    },
  },
];
