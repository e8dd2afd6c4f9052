import type { Random } from 'seeded-random';
import { unit, type Xyz } from './geometry';

export const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)]!;
}

/** A direction, uniform on the sphere. */
export function anyDirection(random: Random): Xyz {
  const z = between(random, -1, 1);
  const angle = 2 * Math.PI * random.uniform();
  const ring = Math.sqrt(1 - z * z);
  return unit([ring * Math.cos(angle), ring * Math.sin(angle), z]);
}
