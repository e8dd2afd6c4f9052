import { cpm, pairedBootstrap } from '../../statistics';
import type { Study } from '../../study';
import { marksOfStudy } from '../froc';
import type { Compared } from './compared';
import type { Rival } from './endpoints';

/**
 * The CPM of both models on all scans of the holdout. Patients are drawn with all of their scans. Nothing where the data
 * hold nothing to detect.
 */
export function compareCpm(rivals: readonly [challenger: Rival, champion: Rival], study: Study): Compared[] {
  const [challenger, champion] = rivals.map(({ cases }) => marksOfStudy(study, cases.scores));
  if (!challenger || !champion) return [];
  const [drawn] = pairedBootstrap(
    challenger.patientOfScan,
    (weights) => [cpm(challenger.marks, weights) - cpm(champion.marks, weights)],
    study.suite.bootstrap,
  );
  const { lower, upper, p } = drawn!;
  return [
    {
      metric: 'froc.cpm',
      title: 'CPM',
      n: challenger.marks.nodules,
      of: 'nodules',
      challenger: cpm(challenger.marks),
      champion: cpm(champion.marks),
      interval: { lower, upper, method: 'paired bootstrap over patients' },
      p,
    },
  ];
}
