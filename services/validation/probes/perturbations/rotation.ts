import type { Perturbation } from './perturbation';

/**
 * Turns the scan about the slice axis through the candidate, in millimetres and by bilinear interpolation: a patient who
 * lies turned. The values are those of scipy.ndimage.affine_transform with `order=1`.
 */
export const rotation: Perturbation = {
  reach: (degrees, spacing, { half }) => {
    if (degrees % 360 === 0) return [0, 0, 0];
    const corner = Math.hypot(half[1], half[2]);
    return [0, Math.ceil((corner - half[1]) / spacing[1]) + 1, Math.ceil((corner - half[2]) / spacing[2]) + 1];
  },
  apply(block, degrees) {
    const { hu, size, spacing, place, core } = block;
    const [, rows, columns] = size;
    const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
    const plane = rows * columns;
    const result = new Float32Array(hu.length);
    for (let r = core.from[1]; r < core.to[1]; r++) {
      const down = (r - place[1]) * spacing[1];
      for (let c = core.from[2]; c < core.to[2]; c++) {
        const right = (c - place[2]) * spacing[2];
        const row = place[1] + (cos * down + sin * right) / spacing[1];
        const column = place[2] + (cos * right - sin * down) / spacing[2];
        const beyond = !(row >= -0.5 && row < rows - 0.5 && column >= -0.5 && column < columns - 0.5);
        const insideRow = Math.min(Math.max(row, 0), rows - 1);
        const insideColumn = Math.min(Math.max(column, 0), columns - 1);
        const [lowRow, lowColumn] = [Math.floor(insideRow), Math.floor(insideColumn)];
        const toNextRow = lowRow + 1 < rows ? columns : 0;
        const toNextColumn = lowColumn + 1 < columns ? 1 : 0;
        const byRow = insideRow - lowRow;
        const byColumn = beyond ? NaN : insideColumn - lowColumn;
        for (let s = core.from[0]; s < core.to[0]; s++) {
          const at = s * plane + lowRow * columns + lowColumn;
          const next = at + toNextRow;
          const upper = hu[at]! + byColumn * (hu[at + toNextColumn]! - hu[at]!);
          const lower = hu[next]! + byColumn * (hu[next + toNextColumn]! - hu[next]!);
          result[s * plane + r * columns + c] = upper + byRow * (lower - upper);
        }
      }
    }
    return { ...block, hu: result };
  },
};
