import { z } from 'zod';

/** A thing of the bundle that was looked at before any case was scored; a bundle that fails one is refused. */
export const bundleCheck = z.strictObject({ name: z.string(), title: z.string(), found: z.string() });
export type BundleCheck = z.infer<typeof bundleCheck>;
