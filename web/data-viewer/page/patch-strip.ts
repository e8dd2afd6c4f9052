import { type GreyWindow, greyOf } from './windows';

/** Patches one after the other, and what one of them looks like. */
export interface PatchStrip {
  /** `[patches, slices, rows, columns]` HU. */
  hu: Int16Array;
  size: readonly [slices: number, rows: number, columns: number];
  /** Millimetres between voxels along columns, rows, slices. */
  spacingXyz: readonly [number, number, number];
}

/** Pixels on the screen that the rows of the axial slice take. */
const AXIAL_HEIGHT = 116;
const GAP = 3;

/** Shows the first patch as the original, the others as its variations: an axial slice, and the middle of the other two planes. */
export function showPatches(list: HTMLElement, strip: PatchStrip, slice: number, window: GreyWindow): void {
  const voxels = strip.size[0] * strip.size[1] * strip.size[2];
  const count = strip.hu.length / voxels;
  list.replaceChildren(
    ...Array.from({ length: count }, (_, i) => {
      const item = document.createElement('li');
      item.className = i === 0 ? 'original' : 'variation';
      const figure = item.appendChild(document.createElement('figure'));
      figure.appendChild(document.createElement('figcaption')).textContent = i === 0 ? 'Original' : `Augmented ${i}`;
      const planes = figure.appendChild(document.createElement('div'));
      planes.className = 'planes';
      drawPlanes(planes, { ...strip, hu: strip.hu.subarray(i * voxels, (i + 1) * voxels) }, slice, window);
      return item;
    }),
  );
}

function drawPlanes(into: HTMLElement, { hu, size, spacingXyz }: PatchStrip, slice: number, window: GreyWindow): void {
  const [slices, rows, columns] = size;
  const [dx, dy, dz] = spacingXyz;
  const scale = AXIAL_HEIGHT / (rows * dy);
  const at = (s: number, row: number, column: number) => hu[(s * rows + row) * columns + column]!;
  const [row, column] = [rows >> 1, columns >> 1];
  into.append(draw(columns, rows, dx * scale, dy * scale, window, (x, y) => at(slice, y, x)));
  const stack = into.appendChild(document.createElement('div'));
  stack.className = 'stack';
  // The head is up: slices grow upwards. Half as wide, so that both fit below the axial slice.
  const small = (columns * dx * scale - GAP) / (columns * dx + rows * dy);
  stack.append(
    draw(columns, slices, dx * small, dz * small, window, (x, y) => at(slices - 1 - y, row, x)),
    draw(rows, slices, dy * small, dz * small, window, (x, y) => at(slices - 1 - y, x, column)),
  );
}

function draw(
  width: number,
  height: number,
  pixelWidth: number,
  pixelHeight: number,
  window: GreyWindow,
  valueAt: (x: number, y: number) => number,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${Math.round(width * pixelWidth)}px`;
  canvas.style.height = `${Math.round(height * pixelHeight)}px`;
  const image = new ImageData(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      image.data.fill(greyOf(valueAt(x, y), window), i, i + 3);
      image.data[i + 3] = 255;
    }
  }
  // A few hundred pixels that change with the window: not worth a place on the graphics card.
  canvas.getContext('2d', { willReadFrequently: true })!.putImageData(image, 0, 0);
  return canvas;
}
