import { z } from 'zod';

export const count = z.int().nonnegative();
/** 95 %. */
export const interval = z.strictObject({ lower: z.number(), upper: z.number() });
/** A number with its 95 % interval and the number of cases behind it. */
export const estimate = interval.extend({ value: z.number(), n: count });
