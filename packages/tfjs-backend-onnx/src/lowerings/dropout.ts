/** Masks of dropout, made in the graph: nothing is uploaded but the number of the call. */
import { GOLDEN, MULTIPLIERS, SHIFTS, keepingOf, mix } from '../dropout/mask';
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { sizeOf } from '../graph/op';
import { portable } from './lowering';
import type { Lowering } from './lowering';

/** Any shape. The same bits as `dropoutMask` in dropout/mask.ts, where the steps are explained. */
export const dropoutMask: readonly Lowering<'DropoutMask'>[] = [
  portable((graph, [call], op) => {
    const { seed, rate } = op.attributes;
    const size = sizeOf(op.shape);
    const [first, second] = keys(graph, seed, graph.reshape(call!, []));
    const ends = [0, Math.ceil(size / 2), 1].map((value) => graph.int64([value], []));
    const index = graph.node('Cast', [graph.node('Range', ends)], { to: ELEMENT_TYPE.uint32 });
    const start = times(graph, graph.node('BitwiseXor', [index, first]), MULTIPLIERS[0]);
    const keyed = graph.node('Add', [shiftedIn(graph, start, SHIFTS[1]), second]);
    const hash = shiftedIn(graph, times(graph, keyed, MULTIPLIERS[1]), SHIFTS[2]);
    const halves = [graph.node('BitwiseAnd', [hash, unsigned(graph, 0xffff)]), shifted(graph, hash, 16)];
    const { threshold, scale } = keepingOf(rate);
    const isKept = graph.node('Less', [graph.concat(halves, 0), unsigned(graph, threshold)]);
    const mask = graph.node('Mul', [
      graph.node('Cast', [isKept], { to: ELEMENT_TYPE.float32 }),
      graph.scalar(scale, 'float32'),
    ]);
    const whole = size % 2 === 0 ? mask : graph.slice(mask, [0], [size], [0]);
    return graph.reshape(whole, op.shape);
  }),
];

/** As `keysOf`, of a call whose number only the run knows. */
function keys(graph: OnnxGraph, seed: number, call: Name): [Name, Name] {
  const count = times(graph, graph.node('Cast', [call], { to: ELEMENT_TYPE.uint32 }), GOLDEN);
  let h = graph.node('Add', [count, unsigned(graph, mix(seed))]);
  h = times(graph, shiftedIn(graph, h, SHIFTS[0]), MULTIPLIERS[0]);
  h = times(graph, shiftedIn(graph, h, SHIFTS[1]), MULTIPLIERS[1]);
  const key = shiftedIn(graph, h, SHIFTS[2]);
  return [key, times(graph, key, GOLDEN)];
}

function unsigned(graph: OnnxGraph, value: number): Name {
  return graph.constant('uint32', [], new Uint8Array(Uint32Array.of(value >>> 0).buffer));
}

function times(graph: OnnxGraph, x: Name, factor: number): Name {
  return graph.node('Mul', [x, unsigned(graph, factor)]);
}

function shifted(graph: OnnxGraph, x: Name, by: number): Name {
  return graph.node('BitShift', [x, unsigned(graph, by)], { direction: 'RIGHT' });
}

/** x ^ (x >>> by) */
function shiftedIn(graph: OnnxGraph, x: Name, by: number): Name {
  return graph.node('BitwiseXor', [x, shifted(graph, x, by)]);
}
