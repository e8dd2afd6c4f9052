import type { Irc } from '../../../../datasets';
import type { Block } from '../block';
import type { Perturbation } from './perturbation';

/** Mirrors the scan about the candidate along one axis: 1 slices, 2 rows, 3 columns. No voxel changes its value. */
export const flip: Perturbation = {
  // A patch of even size goes a voxel further to one side of its middle than to the other.
  reach: (_axis, spacing, { step }) => spacing.map((mm, axis) => Math.ceil(step[axis]! / mm) + 1) as unknown as Irc,
  apply: (block, number) => mirrored(block, (number - 1) as 0 | 1 | 2),
};

function mirrored(block: Block, axis: 0 | 1 | 2): Block {
  const { hu, size, place, core } = block;
  const stride = axis === 2 ? 1 : axis === 1 ? size[2] : size[1] * size[2];
  const result = new Float32Array(hu.length);
  for (let start = 0; start < hu.length; start += stride * size[axis]) {
    for (let index = 0; index < size[axis]; index++) {
      const to = start + index * stride;
      const from = start + (size[axis] - 1 - index) * stride;
      for (let i = 0; i < stride; i++) result[to + i] = hu[from + i]!;
    }
  }
  const turned = (triple: Irc, value: number) => triple.map((own, i) => (i === axis ? value : own)) as unknown as Irc;
  return {
    ...block,
    hu: result,
    place: turned(place, size[axis] - 1 - place[axis]),
    core: {
      from: turned(core.from, size[axis] - core.to[axis]),
      to: turned(core.to, size[axis] - core.from[axis]),
    },
  };
}
