import type { Report } from './schema';

/** The sections of the report in their order, by the name that links use. */
const TITLES = {
  figures: 'Figures with their intervals',
  discrimination: 'Discrimination',
  'operating-point': 'At the operating point',
  froc: 'Detection: sensitivity against false positives a scan',
  calibration: 'Calibration',
  decision: 'Clinical utility',
  strata: 'Strata',
  champion: 'Against the champion',
  probes: 'Robustness to worse pictures',
  errors: 'Where it errs most',
  explanations: 'Where in the picture the score comes from',
  data: 'Data and holdout',
  checks: 'Bundle, repeatability and budgets',
  definitions: 'How the figures were made',
  limits: 'What this does not show',
  provenance: 'Provenance',
  checklists: 'Reporting checklists',
} as const;
export type SectionId = keyof typeof TITLES;

export interface Heading {
  id: SectionId;
  /** From 1, counting what this report has. */
  number: number;
  title: string;
}

/** Sections that a report may lack, and what their absence means in words. */
const OPTIONAL = {
  froc: 'FROC and CPM (detection over whole scans)',
  decision: 'decision curve (net benefit)',
  strata: 'strata',
  champion: 'comparison with a champion',
  probes: 'robustness probes',
  explanations: 'saliency',
} as const;

export function outlineOf(report: Report): Heading[] {
  const ids = (Object.keys(TITLES) as SectionId[]).filter((id) => !(id in OPTIONAL) || has(report, id));
  return ids.map((id, i) => ({ id, number: i + 1, title: TITLES[id] }));
}

/** What this validation did not measure, in the words of a list. */
export function notMeasured(report: Report): string[] {
  const sections = Object.entries(OPTIONAL)
    .filter(([id]) => !has(report, id as SectionId))
    .map(([, words]) => words);
  const { bundleChecks, determinism, budget, holdoutUse } = report;
  return [
    ...sections,
    ...(bundleChecks ? [] : ['checks of the bundle']),
    ...(determinism ? [] : ['repeatability']),
    ...(budget ? [] : ['latency and memory budgets']),
    ...(holdoutUse ? [] : ['how often this holdout was used']),
  ];
}

function has(report: Report, id: SectionId): boolean {
  return report[id as keyof typeof OPTIONAL] !== null;
}
