export const STAGE_NAMES = ['data', 'split', 'train', 'validate', 'register', 'deploy', 'classify'] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** What each stage hands to those after it. Small JSON: the bytes stay in files that it names. */
export interface StageResults {
  data: { dir: string; digest: string; series: number; candidates: number; synthetic: boolean };
  split: { file: string; digest: string; train: number; validation: number; test: number; notes: string[] };
  train: { runId: string; bundleDir: string; bundleDigest: string; validationAuc: number };
  validate: { evidenceDir: string; evidenceDigest: string; verdict: 'pass'; auc: number };
  register: { name: string; version: string; bundleDigest: string; evidenceDigest: string };
  deploy: { url: string; pid: number };
  classify: {
    /** Header and voxels of the scan that was sent. */
    scan: string;
    voxels: string;
    xyz: readonly number[];
    label: string;
    truth: string;
    probability: number;
    modelVersion: string;
  };
}
