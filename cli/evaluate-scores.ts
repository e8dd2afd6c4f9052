import { evaluateScores, explainEvaluation } from '../services/validation';
import { say, startProgress } from './terminal';

export interface EvaluateOptions {
  id?: string;
  label?: string;
  score?: string;
  patient?: string;
  threshold: number;
  specificity: number;
  bins: number;
  resamples: number;
  seed: number;
  json?: boolean;
}

/** Prints what a file of labels and scores says, as a table or as JSON. */
export async function evaluateScoresFile(file: string, options: EvaluateOptions): Promise<void> {
  const { id, label, score, patient, threshold, specificity, bins, resamples, seed, json = false } = options;
  const started = performance.now();
  const progress = startProgress('evaluate');
  const evaluation = await evaluateScores(file, {
    columns: { ...(id && { id }), ...(label && { label }), ...(score && { score }), ...(patient && { patient }) },
    threshold,
    specificity,
    bins,
    bootstrap: { resamples, seed },
    onProgress: progress.update,
  });
  progress.end(`✓ evaluated in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (json) say(JSON.stringify(evaluation, null, 2));
  else for (const line of explainEvaluation(evaluation)) say(line);
}
