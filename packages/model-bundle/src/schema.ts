import { z } from 'zod';
import type { Lineage, PatientRef, PreprocessingContract, Signature, TensorSpec } from './contract';

export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits');

/** A file's name in a bundle or in evidence: flat, portable, and never a way out of the folder. */
export const fileNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'is not a portable file name');

/** Registered names are used in paths, URLs and `name@version`. */
export const modelNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be letters, digits, dashes and underscores');

const tensorSchema: z.ZodType<TensorSpec> = z.strictObject({
  name: z.string().min(1),
  datatype: z.literal('FP32'),
  shape: z.array(z.int().refine((size) => size === -1 || size > 0, 'a dimension is positive, or -1 where free')).min(1),
});

const preprocessingSchema: z.ZodType<PreprocessingContract> = z.strictObject({
  patchSize: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  unit: z.literal('HU'),
  clip: z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'the lower bound comes first'),
  padding: z.number(),
  resampleMm: z.number().positive().nullable(),
});

export const signatureSchema: z.ZodType<Signature> = z
  .strictObject({
    name: modelNameSchema,
    task: z.literal('classification'),
    inputs: z.array(tensorSchema).min(1),
    outputs: z.array(tensorSchema).min(1),
    labels: z.array(z.string().min(1)).min(2),
    positiveLabel: z.string(),
    preprocessing: preprocessingSchema,
  })
  .refine(({ labels }) => new Set(labels).size === labels.length, { path: ['labels'], error: 'a label stands twice' })
  .refine(({ labels, positiveLabel }) => labels.includes(positiveLabel), {
    path: ['positiveLabel'],
    error: 'is none of the labels',
  });

const patientSchema: z.ZodType<PatientRef> = z.strictObject({
  patient: digestSchema,
  series: z.array(digestSchema),
  fingerprints: z.array(digestSchema).optional(),
});

export const lineageSchema: z.ZodType<Lineage> = z.strictObject({
  git: z.strictObject({ commit: z.string().min(1), dirty: z.boolean() }).nullable(),
  dataset: z.strictObject({ name: z.string().min(1), digest: digestSchema }),
  split: z.strictObject({
    digest: digestSchema,
    train: z.array(patientSchema),
    validation: z.array(patientSchema),
  }),
  configDigest: digestSchema,
  calibration: z
    .strictObject({
      method: z.literal('temperature'),
      temperature: z.number().positive(),
      cases: z.int().positive(),
    })
    .exactOptional(),
  image: z.string().nullable(),
  seed: z.int(),
  engine: z.strictObject({ name: z.string().min(1), version: z.string().min(1), precision: z.literal('float32') }),
});

/** Parses `value`, or hands the first lines of what is wrong to `raise`, which throws. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, raise: (problem: string) => Error): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw raise(problemsOf(parsed.error));
  return parsed.data;
}

function problemsOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}
