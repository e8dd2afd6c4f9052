/** World millimetres in LPS: x to the patient's left, y to the back, z to the head. */
export type Xyz = readonly [number, number, number];

export const add = (a: Xyz, b: Xyz): Xyz => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Xyz, b: Xyz): Xyz => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Xyz, factor: number): Xyz => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Xyz, b: Xyz): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a: Xyz): number => Math.sqrt(dot(a, a));
export const distance = (a: Xyz, b: Xyz): number => length(subtract(a, b));
export const along = (a: Xyz, direction: Xyz, by: number): Xyz => add(a, scale(direction, by));
export const mix = (a: Xyz, b: Xyz, t: number): Xyz => add(scale(a, 1 - t), scale(b, t));

export function cross(a: Xyz, b: Xyz): Xyz {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** The vector at length 1; the head direction for a vector of no length. */
export function unit(a: Xyz): Xyz {
  const norm = length(a);
  return norm < 1e-9 ? [0, 0, 1] : scale(a, 1 / norm);
}

/** Two unit vectors that stand upright on a direction and on each other; the first lies in the axial plane. */
export function perpendiculars(direction: Xyz): readonly [Xyz, Xyz] {
  const horizontal: Xyz = Math.abs(direction[2]) > 0.999 ? [1, 0, 0] : unit(cross(direction, [0, 0, 1]));
  return [horizontal, unit(cross(direction, horizontal))];
}
