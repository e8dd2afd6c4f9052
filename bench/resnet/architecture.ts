/**
 * ResNet-18 in two or three dimensions, as the names and shapes of its weights: both sides build the network around
 * this list. Basic blocks of two 3×3(×3) convolutions; a block that changes the size has a 1×1(×1) shortcut.
 */
export interface Architecture {
  /** Of the input, without batch: […spatial, channels]. */
  input: readonly number[];
  stem: { kernel: readonly number[]; stride: readonly number[]; maxPool: boolean };
  /** Channels of the four stages; every stage but the first halves the size. */
  widths: readonly number[];
  classes: number;
}

export interface Block {
  name: string;
  inner: number;
  outer: number;
  stride: 1 | 2;
}

/** What batch normalisation adds to the variance, as PyTorch has it. */
export const EPSILON = 1e-5;

export const RESNET_2D: Architecture = {
  input: [64, 64, 3],
  stem: { kernel: [7, 7], stride: [2, 2], maxPool: true },
  widths: [64, 128, 256, 512],
  classes: 10,
};

export const RESNET_3D: Architecture = {
  input: [32, 48, 48, 1],
  stem: { kernel: [3, 7, 7], stride: [1, 2, 2], maxPool: false },
  widths: [16, 32, 64, 128],
  classes: 2,
};

/** Two blocks a stage. */
export function blocksOf({ widths }: Architecture): Block[] {
  return widths.flatMap((outer, stage) => {
    const inner = widths[Math.max(0, stage - 1)]!;
    const first: Block = { name: `layer${stage + 1}.0`, inner, outer, stride: stage === 0 ? 1 : 2 };
    return [first, { name: `layer${stage + 1}.1`, inner: outer, outer, stride: 1 }];
  });
}

export function hasProjection({ inner, outer, stride }: Block): boolean {
  return stride !== 1 || inner !== outer;
}

/** Filters […kernel, I, O] by name, in the order of the forward pass; each is followed by a normalisation of O channels. */
export function convolutionsOf(architecture: Architecture): { name: string; shape: number[] }[] {
  const { input, stem, widths } = architecture;
  const rank = stem.kernel.length;
  const filter = (size: number, inner: number, outer: number) => [...Array<number>(rank).fill(size), inner, outer];
  return [
    { name: 'stem', shape: [...stem.kernel, input.at(-1)!, widths[0]!] },
    ...blocksOf(architecture).flatMap((block) => [
      { name: `${block.name}.1`, shape: filter(3, block.inner, block.outer) },
      { name: `${block.name}.2`, shape: filter(3, block.outer, block.outer) },
      ...(hasProjection(block) ? [{ name: `${block.name}.shortcut`, shape: filter(1, block.inner, block.outer) }] : []),
    ]),
  ];
}
