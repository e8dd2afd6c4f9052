import { html } from '../markup';
import { definitions } from '../table';
import type { Section } from './section';

export const provenance: Section = ({ report }) => {
  const { model, suite, policy, dataset, holdout, software } = report;
  const { trainedOn } = model;
  const digest = (value: string) => html`<code>${value}</code>`;
  return definitions([
    ['Model bundle', digest(model.bundle)],
    ['Suite', html`${suite.name} ${digest(suite.digest)}`],
    ['Policy of the gate', html`${policy.name} ${digest(policy.digest)}`],
    ['Dataset', html`${dataset.name} ${digest(dataset.digest)}`],
    ['Holdout', html`${holdout.series} series ${digest(holdout.digest)}`],
    [
      'Trained on',
      html`${trainedOn.trainingPatients} patients, ${trainedOn.validationPatients} more for validation;
      ${trainedOn.dataset} ${digest(trainedOn.datasetDigest)}`,
    ],
    ['Split', digest(trainedOn.splitDigest)],
    ['Training config', digest(model.configDigest)],
    ['Seed', String(model.seed)],
    ['Code', model.gitCommit === null ? 'not under version control' : digest(model.gitCommit)],
    ['Training engine', model.engine],
    ['Scored with', `ONNX Runtime ${software.onnxruntime}, one thread a session`],
    [
      'This file',
      'stands beside report.json (every figure for machines), scores.csv (every case), suite.json and policy.json (what was asked), model-card.md, reporting-checklist.csv and junit.xml; evidence.json holds their digests and the signature of the gate (Ed25519).',
    ],
  ]);
};
