import { broadcastTo, einsum, reshape } from '@tensorflow/tfjs-core';
import type { EinsumAttrs, GradConfig, Tensor } from '@tensorflow/tfjs-core';

/**
 * TF.js has no gradient of einsum. It is an einsum itself: of y = einsum('ab,bc->ac', x0, x1) the gradients are
 * einsum('ac,bc->ab', dy, x1) and einsum('ac,ab->bc', dy, x0); what only one tensor has and y lacks was summed, so
 * that every element of it gets the same.
 */
export const einsumGradient: GradConfig = {
  kernelName: 'Einsum',
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const inputs = saved;
    const [given, result] = (attributes as unknown as EinsumAttrs).equation.replace(/\s/g, '').split('->');
    const terms = given!.split(',');
    return Object.fromEntries(
      inputs.map((x, i) => {
        const others = inputs.filter((_, j) => j !== i);
        const [from, to] = [[result!, ...terms.filter((_, j) => j !== i)], terms[i]!];
        return [i, () => spread(einsumOf(from, to, [dy as Tensor, ...others]), from, to, x)];
      }),
    );
  },
};

/** Only with the labels of `to` that there is anything about. */
function einsumOf(from: readonly string[], to: string, tensors: readonly Tensor[]): Tensor {
  return einsum(`${from.join()}->${known(from, to).join('')}`, ...tensors);
}

/** Repeats along the labels of `to` that `from` lacks, up to the shape of x. */
function spread(gradient: Tensor, from: readonly string[], to: string, x: Tensor): Tensor {
  const labels = known(from, to);
  const shape = labelsOf(to).map((label, axis) => (labels.includes(label) ? x.shape[axis]! : 1));
  return broadcastTo(reshape(gradient, shape), x.shape);
}

function known(from: readonly string[], to: string): string[] {
  return labelsOf(to).filter((label) => from.some((term) => term.includes(label)));
}

const labelsOf = (term: string): string[] => Array.from(term);
