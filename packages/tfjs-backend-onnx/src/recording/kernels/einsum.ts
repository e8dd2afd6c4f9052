import { backend_util } from '@tensorflow/tfjs-core';
import type { EinsumAttrs, Tensor } from '@tensorflow/tfjs-core';
import type { Operand } from '../../graph/op';
import { sizeOf } from '../../graph/op';
import { dtypeOf, isFloat, record, view } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';
import { summed, transposed } from './compose';

/** A tensor whose axes have labels; labels are numbers, those of the result first and in its order. */
interface Labelled {
  x: Operand;
  labels: readonly number[];
}

export const einsumKernels: Record<string, Recorder> = { Einsum: einsum };

/**
 * One tensor: sums and a transposition. Two: each is brought to [batch, own, shared] (labels in both and in the
 * result; in this one only; in both and summed) and they become one product of matrices.
 */
function einsum({ list, attributes }: KernelCall): Operand | null {
  const { equation } = attributes as unknown as EinsumAttrs;
  const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, list.length);
  const asTensors = list.map(({ shape }) => ({ shape })) as unknown as Tensor[];
  backend_util.checkEinsumDimSizes(allDims.length, idDims, asTensors);
  if (!list.every(isFloat)) return null;
  const isKept = (label: number): boolean => label < allDims.length - summedDims.length;
  const [a, b] = list.map((x, i) => {
    const elsewhere = idDims[1 - i] ?? [];
    return without({ x, labels: idDims[i]! }, (label) => !isKept(label) && !elsewhere.includes(label));
  });
  return ordered(b ? product(a!, b, isKept) : a!).x;
}

function without({ x, labels }: Labelled, isDropped: (label: number) => boolean): Labelled {
  const axes = labels.flatMap((label, axis) => (isDropped(label) ? [axis] : []));
  return { x: summed(x, axes), labels: labels.filter((label) => !isDropped(label)) };
}

function product(a: Labelled, b: Labelled, isKept: (label: number) => boolean): Labelled {
  const inBoth = a.labels.filter((label) => b.labels.includes(label));
  const batch = inBoth.filter(isKept);
  const shared = inBoth.filter((label) => !isKept(label));
  const own = ({ labels }: Labelled): number[] => labels.filter((label) => !inBoth.includes(label));
  const [left, right] = [asMatrices(a, batch, own(a), shared), asMatrices(b, batch, shared, own(b))];
  const shape = [...left.shape.slice(0, -1), right.shape.at(-1)!];
  const matrices = record('BatchMatMul', [left, right], { transposeA: false, transposeB: false }, shape, dtypeOf(a.x));
  const size = (label: number): number => sizeOfLabel(a, label) ?? sizeOfLabel(b, label)!;
  const labels = [...batch, ...own(a), ...own(b)];
  return { x: view(matrices, labels.map(size)), labels };
}

/** [batch, rows, columns], or a plain matrix where nothing is batched. */
function asMatrices(from: Labelled, batch: readonly number[], rows: readonly number[], columns: readonly number[]) {
  const perm = [...batch, ...rows, ...columns].map((label) => from.labels.indexOf(label));
  const size = (labels: readonly number[]): number => sizeOf(labels.map((label) => sizeOfLabel(from, label)!));
  const matrix = [size(rows), size(columns)];
  return view(transposed(from.x, perm), batch.length > 0 ? [size(batch), ...matrix] : matrix);
}

function sizeOfLabel({ x, labels }: Labelled, label: number): number | undefined {
  return x.shape[labels.indexOf(label)];
}

function ordered({ x, labels }: Labelled): Labelled {
  const sorted = labels.toSorted((a, b) => a - b);
  return {
    x: transposed(
      x,
      sorted.map((label) => labels.indexOf(label)),
    ),
    labels: sorted,
  };
}
