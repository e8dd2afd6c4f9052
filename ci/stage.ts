import type { PipelineContext } from './context';

export const STAGE_NAMES = ['data', 'split', 'train', 'validate', 'register', 'deploy', 'classify'] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** What each stage hands to those after it. Small JSON: the bytes stay in files that it names. */
export interface StageResults {
  data: { dir: string; digest: string; series: number; candidates: number; synthetic: boolean };
  split: { file: string; digest: string; train: number; validation: number; test: number };
  train: { runId: string; bundleDir: string; bundleDigest: string; validationAuc: number };
  validate: { evidenceDir: string; evidenceDigest: string; verdict: 'pass'; auc: number };
  register: { name: string; version: string; bundleDigest: string; evidenceDigest: string };
  deploy: { url: string; pid: number };
  classify: { seriesDigest: string; label: string; truth: string; probability: number; modelVersion: string };
}

/** Says how far a stage is: `done` of `total`, and what it is at. */
export type ReportProgress = (done: number, total: number, note?: string) => void;

/** One row of the pipeline's table. */
export interface Stage<Name extends StageName = StageName> {
  name: Name;
  title: string;
  /** Everything that the result depends on. A result whose inputs are the same is not made again. */
  inputs: (context: PipelineContext) => unknown;
  run: (context: PipelineContext, progress: ReportProgress) => Promise<StageResults[Name]>;
  /** Whether what an earlier run left is still there; a stage without it is run every time. */
  holds?: (context: PipelineContext, result: StageResults[Name]) => Promise<boolean>;
  /** The result in one line, for a person. */
  summary: (result: StageResults[Name]) => string;
}
