import { isCodedError } from 'coded-error';
import type { Candidate, DatasetManifest } from '../../../datasets';
import type { StrataOfSuite } from './schema';
import { stratify } from './stratify';

/** A dimension of a template that a holdout cannot give, and why. */
export interface LeftOutStratum {
  dimension: string;
  why: string;
}

/** Which dimensions of a template this holdout cannot give: it does not tell them, or a level of them is empty. */
export function findEmptyStrata(
  { by }: Pick<StrataOfSuite, 'by'>,
  manifest: Pick<DatasetManifest, 'series'>,
  candidates: readonly Candidate[],
): LeftOutStratum[] {
  return Object.entries(by).flatMap(([dimension, levels]) => {
    try {
      stratify({ by: { [dimension]: levels } }, manifest, candidates);
      return [];
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return [{ dimension, why: error.message }];
    }
  });
}
