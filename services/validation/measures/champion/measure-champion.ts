import type { Bundle } from 'model-bundle';
import type { WorkCounter } from '../../count-work';
import type { Figures, Measured } from '../../figure';
import type { ChampionSection } from '../../report/sections';
import { openModelPool, scoreCandidates } from '../../scoring';
import { compareToMargin, holmAdjusted, makeCases, mcnemarP } from '../../statistics';
import type { Study } from '../../study';
import { COMPARED_METRICS, type ChampionSettings, type ComparedMetric } from '../../suite';
import { compareCases } from './compare-cases';
import { compareCpm } from './compare-cpm';
import type { Compared } from './compared';
import type { CaseMetric, Rival } from './endpoints';
import type { OpenChampion } from './open-champion';

/**
 * Compares the model with the champion on the same cases, each at its own operating point: the difference of every
 * endpoint with its interval, Holm's correction over the endpoints, and a verdict against the margin as
 * {@link compareToMargin} defines it. The champion is scored from its own patches.
 *
 * Without a champion there is no section. Nor are there figures where none serves yet; where it was left out on purpose
 * they are not defined, and so pass no rule.
 */
export async function measureChampion(
  study: Study,
  champion: OpenChampion,
  work: WorkCounter,
): Promise<Measured<ChampionSection | null>> {
  const settings = study.suite.champion;
  if (!settings || champion === null) return { figures: {}, section: null };
  if (champion === 'left out') return { figures: undefinedFigures(settings, study), section: null };
  const { version, bundle, threshold } = champion;
  const rivals = [
    { cases: study.cases, threshold: study.operatingPoint.threshold },
    { cases: makeCases(study.cases.labels, await scoresOf(bundle, study, work)), threshold },
  ] as const;
  const metrics = metricsOf(settings);
  const compared = [
    ...compareCases(
      metrics.filter((metric): metric is CaseMetric => metric !== 'froc.cpm'),
      rivals,
      study,
    ),
    ...(metrics.includes('froc.cpm') ? compareCpm(rivals, study) : []),
  ];
  return {
    figures: figuresOf(compared),
    section: {
      version,
      bundle: bundle.digest,
      threshold,
      endpoints: judgeAgainstMargins(compared, settings),
      mcnemar: countAgreement(rivals),
    },
  };
}

function metricsOf({ margins }: ChampionSettings): ComparedMetric[] {
  return COMPARED_METRICS.filter((metric) => margins[metric] !== undefined);
}

async function scoresOf(bundle: Bundle, study: Study, work: WorkCounter): Promise<Float64Array> {
  const { candidates, dataset, cases } = study;
  if (bundle.digest === study.bundle.digest) return cases.scores;
  const pool = await openModelPool(bundle);
  try {
    return await scoreCandidates(pool, bundle.signature, dataset, candidates, work.done);
  } finally {
    await pool.close();
  }
}

function judgeAgainstMargins(
  compared: readonly Compared[],
  { margins }: ChampionSettings,
): ChampionSection['endpoints'] {
  const adjusted = holmAdjusted(compared.map(({ p }) => p));
  return compared.map((endpoint, i) => {
    const margin = margins[endpoint.metric as ComparedMetric]!;
    const adjustedP = adjusted[i]!;
    const verdict = compareToMargin(endpoint.interval, margin, adjustedP);
    return { ...endpoint, difference: endpoint.challenger - endpoint.champion, margin, adjustedP, verdict };
  });
}

/** Who gets which candidates right, each at its own operating point. */
function countAgreement([challenger, champion]: readonly [Rival, Rival]): ChampionSection['mcnemar'] {
  const isRight = ({ cases, threshold }: Rival, i: number) => cases.scores[i]! >= threshold === (cases.labels[i] === 1);
  const counts = { bothRight: 0, onlyChallengerRight: 0, onlyChampionRight: 0, bothWrong: 0 };
  challenger.cases.labels.forEach((_, i) => {
    const [first, second] = [isRight(challenger, i), isRight(champion, i)];
    if (first) counts[second ? 'bothRight' : 'onlyChallengerRight']++;
    else counts[second ? 'onlyChampionRight' : 'bothWrong']++;
  });
  return { ...counts, p: mcnemarP(counts.onlyChallengerRight, counts.onlyChampionRight) };
}

const nameOf = (metric: string) => `champion.${metric}.difference`;

function figuresOf(compared: readonly Compared[]): Figures {
  return Object.fromEntries(
    compared.map(({ metric, title, challenger, champion, n, of, interval }) => [
      nameOf(metric),
      {
        title: `${title}: difference to the champion`,
        value: challenger - champion,
        n,
        of,
        interval,
        definition: `This model minus the champion, on the same cases; positive is better. ${SOURCES[metric === 'auc' ? 'delong' : 'bootstrap']}`,
      },
    ]),
  );
}

const SOURCES = {
  delong: 'Interval by DeLong, DeLong and Clarke-Pearson (1988) with the covariance of the two areas.',
  bootstrap:
    'Percentile bootstrap over patients, the same resamples for both models (Efron and Tibshirani 1993; Field and Welsh 2007).',
};

function undefinedFigures(settings: ChampionSettings, { cases }: Study): Figures {
  const words = { value: null, n: cases.labels.length, of: 'candidates', interval: null };
  const definition = 'The comparison was left out on purpose, so that nothing is shown.';
  return Object.fromEntries(
    metricsOf(settings).map((metric) => [
      nameOf(metric),
      { title: `${metric}: difference to the champion`, ...words, definition },
    ]),
  );
}
