/**
 * The gradient of a convolution's input, in two and three dimensions, as convolutions of dy with the turned filter.
 * With a stride s, the places of x fall into phases, s along each dimension: those of one phase see the same taps of
 * the filter, and are an unstrided convolution of their own. Their results are interleaved.
 * Takes whole blocks of channels on both sides, any kernel and stride; dilation where the stride is 1.
 */
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { sizeOf } from '../graph/op';
import { fillBlocks, gatherTaps, geometryOf, isSlidingOverSlices, wantsPaddedRows } from './blocked-geometry';
import type { Geometry, Three } from './blocked-geometry';
import { reorderIn } from './layouts';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';
import { steps } from './rows';

/** Along one dimension: the places of x that leave the same remainder, and the taps they see. */
interface Phase {
  /** Taps of the filter, in the order in which dy is read: backwards. */
  taps: readonly number[];
  /** Zeros around dy. */
  before: number;
  after: number;
}

/** The phases of one dimension. Place s·a + r of x is reached by taps k with k ≡ r + pad (mod s). */
function phasesOf(geometry: Geometry, axis: 0 | 1 | 2): Phase[] {
  const { inSize, outSize, kernel, strides, dilations, before } = geometry;
  const [size, stride, pad, dilation] = [kernel[axis], strides[axis], before[axis], dilations[axis]];
  const places = Math.ceil(inSize[axis] / stride);
  return steps(stride).map((remainder) => {
    const first = (remainder + pad) % stride;
    const taps = steps(size)
      .filter((tap) => tap % stride === first)
      .reverse();
    const offset = (remainder + pad - first) / stride;
    const reach = (taps.length - 1) * dilation;
    return { taps, before: reach - offset, after: places - 1 + offset - (outSize[axis] - 1) };
  });
}

function takes(op: Op<'ConvInputGradient'>, context: LoweringContext): boolean {
  if (!isSlidingOverSlices(op)) return false;
  const geometry = geometryOf(op.attributes);
  const hasUnitSteps = geometry.strides.every((s) => s === 1) || geometry.dilations.every((d) => d === 1);
  const phases = ([0, 1, 2] as const).flatMap((axis) => phasesOf(geometry, axis));
  return (
    hasUnitSteps &&
    fillBlocks(context, geometry.inner) &&
    fillBlocks(context, geometry.outer) &&
    phases.every(({ taps, before, after }) => taps.length === 0 || (before >= 0 && after >= 0))
  );
}

/** The filter with each block of 16×16 channels turned: rows [taps, I/16, O/16] of 256. */
function turnBlocks(graph: OnnxGraph, filter: Name, { kernel, inner, outer }: Geometry): Name {
  const { block } = graph;
  const rows = sizeOf(kernel) * (inner / block);
  const turned = reorderIn(graph, filter, [rows, block, outer, 1]);
  return graph.reshape(turned, [rows * (outer / block), block * block]);
}

/** The filter of one phase: [I/16, taps along depth, O/16, other taps] rows. */
function phaseFilter(graph: OnnxGraph, turned: Name, geometry: Geometry, phases: readonly Phase[]): Name {
  const { block } = graph;
  const [inBlocks, outBlocks] = [geometry.inner / block, geometry.outer / block];
  const [, height, width] = geometry.kernel;
  const [depths, lines, columns] = phases.map(({ taps }) => taps) as [number[], number[], number[]];
  const rows = steps(inBlocks).flatMap((i) =>
    depths.flatMap((kd) =>
      steps(outBlocks).flatMap((o) =>
        lines.flatMap((kh) => columns.map((kw) => (((kd * height + kh) * width + kw) * inBlocks + i) * outBlocks + o)),
      ),
    ),
  );
  const shape = [geometry.inner, depths.length * geometry.outer, lines.length, columns.length];
  return graph.reshape(graph.gather(turned, graph.indices(rows), 0), shape);
}

function lower(op: Op<'ConvInputGradient'>, context: LoweringContext) {
  const { graph } = context;
  const geometry = geometryOf(op.attributes);
  const { batch, inner, outer, inSize, outSize, strides, dilations } = geometry;
  const [dy, filter] = op.inputs;
  const slices = context.input(dy!).in('blocked');
  const turned = turnBlocks(graph, plain(context, filter!), geometry);
  const places = inSize.map((size, axis) => Math.ceil(size / strides[axis]!)) as unknown as Three;
  const [phasesD, phasesH, phasesW] = [phasesOf(geometry, 0), phasesOf(geometry, 1), phasesOf(geometry, 2)];

  const results = phasesD.flatMap((depth) =>
    phasesH.flatMap((line) =>
      phasesW.map((column) => {
        const shape = [batch * places[0], inner, places[1], places[2]];
        if ([depth, line, column].some(({ taps }) => taps.length === 0)) return graph.zeros(shape);
        const ends = [column.before, column.after] as const;
        const isPadded = wantsPaddedRows(depth.taps.length, ends, inner / graph.block);
        const seen = gatherTaps(graph, slices, [batch, outSize[0], outer * outSize[1] * outSize[2]], {
          outputs: places[0],
          taps: depth.taps.length,
          first: -depth.before,
          dilation: dilations[0],
          rows: isPadded ? { width: outSize[2], lane: graph.block, before: ends[0], after: ends[1] } : undefined,
        });
        const [left, right] = isPadded ? [0, 0] : ends;
        const width = outSize[2] + column.before + column.after - left - right;
        const images = graph.reshape(seen, [batch * places[0], depth.taps.length * outer, outSize[1], width]);
        return graph.blocked('Conv', [images, phaseFilter(graph, turned, geometry, [depth, line, column])], {
          kernel_shape: [line.taps.length, column.taps.length],
          dilations: dilations.slice(1),
          pads: [line.before, left, line.after, right],
        });
      }),
    ),
  );
  return result(context, op, interleave(graph, results, geometry, places), 'blocked');
}

/** Results of the phases, depth first, to one tensor; what lies beyond x is left out. */
function interleave(graph: OnnxGraph, results: readonly Name[], geometry: Geometry, places: Three): Name {
  const { batch, inner, inSize, strides } = geometry;
  if (results.length === 1) return results[0]!;
  const blocks = inner / graph.block;
  const [, sh, sw] = strides;
  const [d, h, w] = places;
  const size = d * blocks * h * w;
  const rows = steps(inSize[0]).flatMap((z) =>
    steps(blocks).flatMap((block) =>
      steps(inSize[1]).flatMap((y) =>
        steps(inSize[2]).map((x) => {
          const phase = ((z % strides[0]) * sh + (y % sh)) * sw + (x % sw);
          const place = Math.floor(y / sh) * w + Math.floor(x / sw);
          return phase * size + (Math.floor(z / strides[0]) * blocks + block) * h * w + place;
        }),
      ),
    ),
  );
  const byPhase = results.map((name) => graph.reshape(name, [batch, size, graph.block]));
  return graph.gather(graph.concat(byPhase, 1), graph.indices(rows), 1);
}

export const blockedWindowsInputGradient: Lowering<'ConvInputGradient'> = {
  name: 'blocked windows',
  takes,
  lower,
};
