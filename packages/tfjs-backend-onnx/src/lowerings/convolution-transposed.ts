/**
 * The gradient of a convolution with regard to its input, which is also TF.js's transposed convolution: two recipes,
 * for convolutions of all channels and, with `groups` > 1, for those of every channel by itself.
 */
import type { WindowAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Op } from '../graph/op';
import { sizeOf } from '../graph/op';
import type { LaidOut } from './layouts';
import { plain, result } from './lowering';
import type { LoweringContext } from './lowering';

export const padsOf = (window: WindowAttributes): number[] => [...window.padsBefore, ...window.padsAfter];

/** The extent of a window with its dilation. */
export function extentOf({ kernel, dilations }: WindowAttributes): number[] {
  return kernel.map((size, i) => (size - 1) * dilations[i]! + 1);
}

export function isPaddedLessThanWindow(window: WindowAttributes): boolean {
  const extent = extentOf(window);
  return padsOf(window).every((pad, i) => pad < extent[i % extent.length]!);
}

/** One ConvTranspose. Inputs of the op: dy, filter […kernel, I, O / groups]. */
export function inputGradientByConvTranspose(
  op: Op<'ConvInputGradient' | 'DepthwiseConvInputGradient'>,
  context: LoweringContext,
  groups: number,
): LaidOut {
  const { graph } = context;
  const window = op.attributes;
  const { kernel, strides, dilations, padsBefore, padsAfter, inShape, outShape } = window;
  const [dy, filter] = op.inputs;
  const rank = kernel.length;
  const [inChannels, outChannels] = [inShape.at(-1)!, outShape.at(-1)!];
  const spatial = kernel.map((_, i) => i);
  // [O, I / groups, …kernel]: in a filter of groups the channels of one group lie together already.
  const perm = groups === 1 ? [rank + 1, rank, ...spatial] : [rank, rank + 1, ...spatial];
  const weights = graph.reshape(graph.transpose(plain(context, filter!), perm), [
    outChannels,
    inChannels / groups,
    ...kernel,
  ]);
  // What a stride leaves over at the far edge is not reached from any output.
  const leftOver = extentOf(window).map(
    (size, i) => inShape[i + 1]! - ((outShape[i + 1]! - 1) * strides[i]! + size - padsBefore[i]! - padsAfter[i]!),
  );
  const dx = graph.node('ConvTranspose', [context.input(dy!).in('channelsFirst'), weights], {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: padsOf(window),
    output_padding: leftOver,
    group: groups,
  });
  return result(context, op, dx, 'channelsFirst');
}

/** In one dimension: the inputs q · stride + phase read dy at q + offset, by the filter's tap. */
interface PhaseTap {
  offset: number;
  tap: number;
}

/** For each phase its taps, by rising offset. A phase that no window touches has none. */
function phasesOf(window: WindowAttributes, dimension: number): PhaseTap[][] {
  const [stride, dilation] = [window.strides[dimension]!, window.dilations[dimension]!];
  return Array.from({ length: stride }, (_, phase) => {
    const taps: PhaseTap[] = [];
    for (let tap = window.kernel[dimension]! - 1; tap >= 0; tap--) {
      const steps = phase + window.padsBefore[dimension]! - tap * dilation;
      if (steps % stride === 0) taps.push({ offset: steps / stride, tap });
    }
    return taps;
  });
}

/**
 * Every phase of the stride is a convolution of dy by the taps that reach it, and the phases are interleaved: no
 * multiplication by a zero, as there would be between the elements of a dy that is spread out.
 * Inputs of the op: dy, filter […kernel, I, O / groups].
 */
export function inputGradientInPhases(
  op: Op<'ConvInputGradient' | 'DepthwiseConvInputGradient'>,
  context: LoweringContext,
  groups: number,
): LaidOut {
  const { graph } = context;
  const window = op.attributes;
  const { kernel, strides, inShape } = window;
  const phases = kernel.map((_, i) => phasesOf(window, i));
  const dy = context.input(op.inputs[0]!).in('channelsFirst');
  const filter = plain(context, op.inputs[1]!);
  /** Inputs of one phase. */
  const sizes = kernel.map((_, i) => Math.ceil(inShape[i + 1]! / strides[i]!));
  const lead = [inShape[0]!, inShape.at(-1)!];

  /** The phases chosen in the dimensions before, and all of those from here on: [B, C, sizes…, whole sizes…]. */
  function gather(chosen: readonly PhaseTap[][]): Name | null {
    const at = chosen.length;
    if (at === kernel.length) return phaseConvolution(graph, { dy, filter, window, groups, taps: chosen, sizes });
    const parts = phases[at]!.map((taps) => gather([...chosen, taps]));
    if (strides[at] === 1) return parts[0]!;
    const wholes = sizes.slice(at + 1).map((size, i) => size * strides[at + 1 + i]!);
    const column = [...lead, ...sizes.slice(0, at + 1), 1, ...wholes];
    const joined = joinWithZeros(graph, parts, column, at + 3);
    return joined && graph.reshape(joined, [...lead, ...sizes.slice(0, at), sizes[at]! * strides[at]!, ...wholes]);
  }

  const whole = gather([])!;
  const cut = kernel.map((_, i) => i).filter((i) => sizes[i]! * strides[i]! > inShape[i + 1]!);
  if (cut.length === 0) return result(context, op, whole, 'channelsFirst');
  const dx = graph.slice(
    whole,
    cut.map(() => 0),
    cut.map((i) => inShape[i + 1]!),
    cut.map((i) => i + 2),
  );
  return result(context, op, dx, 'channelsFirst');
}

/** Joins parts of shape `form`, of size 1 along `axis`; where a part is missing there are zeros. */
function joinWithZeros(graph: OnnxGraph, parts: readonly (Name | null)[], form: number[], axis: number): Name | null {
  const present = parts.flatMap((part, place) => (part === null ? [] : [{ part, place }]));
  if (present.length === 0) return null;
  const padded = present.map(({ part, place }, i) => {
    const before = i === 0 ? place : 0;
    const after = (present[i + 1]?.place ?? parts.length) - place - 1;
    const shaped = graph.reshape(part, form);
    if (before + after === 0) return shaped;
    const pads = [before, after].flatMap((count) => form.map((_, dimension) => (dimension === axis ? count : 0)));
    return graph.node('Pad', [shaped, graph.int64(pads)]);
  });
  return graph.concat(padded, axis);
}

interface Phase {
  dy: Name;
  filter: Name;
  window: WindowAttributes;
  groups: number;
  taps: readonly PhaseTap[][];
  sizes: readonly number[];
}

/** One phase of the gradient, [B, I, …sizes]; null where no output reaches it. */
function phaseConvolution(graph: OnnxGraph, { dy, filter, window, groups, taps, sizes }: Phase): Name | null {
  if (taps.some((list) => list.length === 0)) return null;
  const outs = window.outShape.slice(1, -1);
  const before = taps.map((list) => -list[0]!.offset);
  const after = taps.map((list, i) => sizes[i]! - outs[i]! + list.at(-1)!.offset);
  // Outputs that only ever saw padding are cut off: a convolution cannot be padded by less than nothing.
  const starts = before.map((count) => Math.max(0, -count));
  const ends = after.map((count, i) => outs[i]! - Math.max(0, -count));
  if (starts.some((start, i) => start >= ends[i]!)) return null;
  const cut = outs.map((_, i) => i).filter((i) => starts[i]! > 0 || ends[i]! < outs[i]!);
  const read =
    cut.length === 0
      ? dy
      : graph.slice(
          dy,
          cut.map((i) => starts[i]!),
          cut.map((i) => ends[i]!),
          cut.map((i) => i + 2),
        );
  return graph.node('Conv', [read, phaseWeights(graph, filter, window, groups, taps)], {
    kernel_shape: taps.map((list) => list.length),
    dilations: taps.map((list) => (list.length > 1 ? list[1]!.offset - list[0]!.offset : 1)),
    pads: [...before, ...after].map((count) => Math.max(0, count)),
    group: groups,
  });
}

/** The chosen taps of a filter […kernel, I, O / groups] as [I, O / groups, …taps]. */
function phaseWeights(
  graph: OnnxGraph,
  filter: Name,
  { kernel, inShape, outShape }: WindowAttributes,
  groups: number,
  taps: readonly PhaseTap[][],
): Name {
  const channels = [inShape.at(-1)!, outShape.at(-1)! / groups];
  const places = taps.reduce<number[]>(
    (flat, list, i) => flat.flatMap((place) => list.map(({ tap }) => place * kernel[i]! + tap)),
    [0],
  );
  const form = taps.map((list) => list.length);
  const chosen = graph.gather(graph.reshape(filter, [sizeOf(kernel), ...channels]), graph.indices(places, form), 0);
  return graph.transpose(chosen, [form.length, form.length + 1, ...form.map((_, i) => i)]);
}
