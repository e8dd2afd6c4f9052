import { z } from 'zod';

/** What a probe is, apart from what it does: how it is asked for and shown. */
export interface ProbeDescription {
  title: string;
  /** Of the strength; empty for a factor. */
  unit: string;
  /** Strengths that are tried, and the range in which the model must hold, unless the suite says otherwise. */
  strengths: readonly number[];
  within: readonly [from: number, to: number];
  /** The strength that disturbs nothing; null where there is none. */
  neutral: number | null;
  /** Strengths that make sense. */
  least: number;
  most: number;
  /** For strengths that are names: that of strength 1, 2, … */
  labels?: readonly string[];
}

/** Every probe, in the order in which they are shown. */
export const PROBES = {
  noise: {
    title: 'Added noise',
    unit: 'HU',
    strengths: [20, 40],
    within: [0, 20],
    neutral: 0,
    least: 0,
    most: 1000,
  },
  dose: {
    title: 'Share of the dose',
    unit: '',
    strengths: [0.25, 0.5],
    within: [0.25, 1],
    neutral: 1,
    least: 0.001,
    most: 1,
  },
  blur: {
    title: 'Gaussian blur',
    unit: 'mm',
    strengths: [0.7, 1.2],
    within: [0, 0.7],
    neutral: 0,
    least: 0.01,
    most: 10,
  },
  sliceThickness: {
    title: 'Slice thickness',
    unit: 'mm',
    strengths: [2.5, 5],
    within: [0, 2.5],
    neutral: 0,
    least: 0,
    most: 20,
  },
  huOffset: {
    title: 'Offset of Hounsfield units',
    unit: 'HU',
    strengths: [-20, 20],
    within: [-20, 20],
    neutral: 0,
    least: -2000,
    most: 2000,
  },
  huScale: {
    title: 'Scale of Hounsfield units',
    unit: '',
    strengths: [0.95, 1.05],
    within: [0.95, 1.05],
    neutral: 1,
    least: 0.01,
    most: 10,
  },
  shift: {
    title: 'Shift of the grid',
    unit: 'voxels',
    strengths: [0.5],
    within: [0, 0.5],
    neutral: 0,
    least: -10,
    most: 10,
  },
  cropJitter: {
    title: 'Candidate moved',
    unit: 'mm',
    strengths: [2, 4],
    within: [0, 2],
    neutral: 0,
    least: 0,
    most: 20,
  },
  rotation: {
    title: 'Rotation in the slice',
    unit: 'degrees',
    strengths: [10, 20],
    within: [0, 10],
    neutral: 0,
    least: -180,
    most: 180,
  },
  flip: {
    title: 'Mirrored along',
    unit: '',
    strengths: [1, 2, 3],
    within: [1, 3],
    neutral: null,
    least: 1,
    most: 3,
    labels: ['slices', 'rows', 'columns'],
  },
} as const satisfies Record<string, ProbeDescription>;

export type ProbeName = keyof typeof PROBES;
export const PROBE_NAMES = Object.keys(PROBES) as [ProbeName, ...ProbeName[]];

/** One probe as a suite asks for it, defaults filled in. */
export interface ProbeSetting {
  probe: ProbeName;
  strengths: number[];
  /** Inside this range the model must hold. */
  within: [from: number, to: number];
}

const name = z.enum(PROBE_NAMES);
const setting = z.strictObject({
  probe: name,
  strengths: z.array(z.number()).min(1).max(20).optional(),
  within: z.tuple([z.number(), z.number()]).optional(),
});

/** A name alone asks for the probe as it is; strengths or the declared range may be given. */
const entry = z
  .union([name.transform((probe) => ({ probe })), setting], {
    error: `must be one of ${PROBE_NAMES.join(', ')}, or { probe, strengths, within }`,
  })
  .transform(({ probe, ...given }: z.infer<typeof setting>): ProbeSetting => ({
    probe,
    strengths: [...new Set(given.strengths ?? PROBES[probe].strengths)].sort((a, b) => a - b),
    within: given.within ?? [...PROBES[probe].within],
  }))
  .superRefine(({ probe, strengths, within: [from, to] }, context) => {
    const { least, most, labels }: ProbeDescription = PROBES[probe];
    const wrong = strengths.filter((s) => s < least || s > most || (labels && !Number.isInteger(s)));
    if (wrong.length > 0) {
      context.addIssue(
        `${probe} has the strength ${wrong.join(', ')}: ${labels ? 'whole ' : ''}numbers from ${least} to ${most}`,
      );
    }
    if (!strengths.some((s) => s >= from && s <= to)) {
      context.addIssue(`${probe} is tried at ${strengths.join(', ')}, and none of them lies within ${from} to ${to}`);
    }
  });

/** How robust the model must be. `probes: {}` asks for every probe as it is. */
export const probesSettings = z.strictObject({
  /** Candidates that are looked at again and again, half of them positive; all of a class that has fewer. */
  cases: z.int().min(10).max(10_000).default(48),
  metric: z.enum(['auc']).default('auc'),
  list: z
    .array(entry)
    .min(1)
    .refine((list) => new Set(list.map(({ probe }) => probe)).size === list.length, 'a probe stands twice')
    .default(() => PROBE_NAMES.map((probe) => entry.parse(probe))),
});
export type ProbesSettings = z.infer<typeof probesSettings>;
