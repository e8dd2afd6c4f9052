/** Resizing of [B, H, W, C] as one sparse matrix for the rows and one for the columns; gradients by their transposes. */
import type { ResizeAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Shape } from '../graph/op';
import { plain, result } from './lowering';
import type { Lowering } from './lowering';

/** One element of the result is the sum of these of the source. */
type Terms = readonly { index: number; weight: number }[];

/** What every place along one dimension is made of. The arithmetic is that of tfjs-cpu, down to its order. */
function termsOf({ method, inSize, outSize, alignCorners, halfPixelCenters }: ResizeAttributes, i: number): Terms[] {
  const [from, to] = [inSize[i]!, outSize[i]!];
  const aligned = alignCorners && to > 1;
  const ratio = (aligned ? from - 1 : from) / (aligned ? to - 1 : to);
  return Array.from({ length: to }, (_, place) => {
    if (method === 'nearest') {
      const at = ratio * (halfPixelCenters ? place + 0.5 : place);
      return [{ index: Math.min(from - 1, alignCorners ? Math.round(at) : Math.floor(at)), weight: 1 }];
    }
    const at = halfPixelCenters ? ratio * (place + 0.5) - 0.5 : ratio * place;
    const low = Math.max(0, Math.floor(at));
    const high = Math.min(from - 1, Math.ceil(at));
    if (low >= high) return [{ index: high, weight: 1 }];
    return [
      { index: low, weight: 1 - (at - low) },
      { index: high, weight: at - low },
    ];
  });
}

function transposed(terms: readonly Terms[], size: number): Terms[] {
  const rows: { index: number; weight: number }[][] = Array.from({ length: size }, () => []);
  terms.forEach((row, place) => {
    for (const { index, weight } of row) rows[index]!.push({ index: place, weight });
  });
  return rows;
}

/** With more terms than this to a row, a product with the whole matrix is faster than so many gathers. */
const MOST_GATHERS = 8;

/** Makes dimension `axis` of x, which has `shape` [B, H, W, C], of `terms`. */
function along(graph: OnnxGraph, x: Name, shape: Shape, axis: 1 | 2, terms: readonly Terms[]): Name {
  const isWhole = terms.length === shape[axis] && terms.every(([term, second], i) => !second && isSame(term, i));
  if (isWhole) return x;
  const most = Math.max(...terms.map((row) => row.length));
  if (most > MOST_GATHERS) return byMatrix(graph, x, shape, axis, terms);
  const sums = Array.from({ length: most }, (_, k) => {
    const weights = terms.map((row) => row[k]?.weight ?? 0);
    const taken = graph.gather(x, graph.indices(terms.map((row) => row[k]?.index ?? 0)), axis);
    if (weights.every((weight) => weight === 1)) return taken;
    return graph.node('Mul', [taken, graph.floats(weights, [terms.length, ...Array<number>(3 - axis).fill(1)])]);
  });
  return sums.reduce((a, b) => graph.node('Add', [a, b]));
}

const isSame = (term: Terms[number] | undefined, i: number): boolean => term?.index === i && term.weight === 1;

function byMatrix(graph: OnnxGraph, x: Name, shape: Shape, axis: 1 | 2, terms: readonly Terms[]): Name {
  const [batch, height, width, channels] = shape;
  const size = shape[axis]!;
  const matrix = new Float32Array(terms.length * size);
  terms.forEach((row, i) => {
    for (const { index, weight } of row) matrix[i * size + index]! += weight;
  });
  const weights = graph.floats(matrix, [terms.length, size]);
  if (axis === 2) return graph.node('MatMul', [weights, x]);
  const rows = graph.node('MatMul', [weights, graph.reshape(x, [batch!, height!, width! * channels!])]);
  return graph.reshape(rows, [batch!, terms.length, width!, channels!]);
}

export const resize: Lowering<'Resize'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const [images] = op.inputs;
    const [batch, height, , channels] = op.shape;
    const rows = along(graph, plain(context, images!), images!.shape, 1, termsOf(op.attributes, 0));
    const between = [batch!, height!, images!.shape[2]!, channels!];
    return result(context, op, along(graph, rows, between, 2, termsOf(op.attributes, 1)));
  },
};

export const resizeGradient: Lowering<'ResizeGradient'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const { inSize } = op.attributes;
    const [dy] = op.inputs;
    const [byRow, byColumn] = [0, 1].map((i) => transposed(termsOf(op.attributes, i), inSize[i]!));
    const columns = along(graph, plain(context, dy!), dy!.shape, 2, byColumn!);
    const between = [dy!.shape[0]!, dy!.shape[1]!, inSize[1]!, dy!.shape[3]!];
    return result(context, op, along(graph, columns, between, 1, byRow!));
  },
};
