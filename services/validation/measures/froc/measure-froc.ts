import type { Figure, Figures, Measured } from '../../figure';
import type { FrocSection } from '../../report/sections';
import {
  cpm,
  CPM_RATES,
  frocCurve,
  isMarked,
  scanBootstrap,
  sensitivitiesAt,
  unitScanWeights,
  type Interval,
} from '../../statistics';
import type { Study } from '../../study';
import { marksOfStudy } from './marks-of-study';

/** Where the band is drawn: eight places an octave from 1/8 to 8, the seven rates of the CPM among them. */
const BAND_RATES = Array.from({ length: 49 }, (_, i) => 2 ** (i / 8 - 3));

const RULES =
  'A candidate hits a nodule when it lies within its radius; at most 100 candidates of a scan count, the best of several in a nodule is its hit, candidates in excluded findings are ignored, and nodules without a candidate are missed (LUNA16, Setio et al. 2017). Bootstrap over scans.';

/** How many nodules are found at how many false alarms a scan. */
export function measureFroc(study: Study): Measured<FrocSection | null> {
  const settings = study.suite.froc;
  const detection = settings && marksOfStudy(study);
  if (!detection) return { figures: {}, section: null };
  const { marks, scans } = detection;
  const { resamples } = settings;
  const { seed } = study.suite.bootstrap;
  const bootstrap = scanBootstrap(marks, BAND_RATES, { resamples, seed });
  const intervals = CPM_RATES.map((rate) => bootstrap.sensitivities[BAND_RATES.indexOf(rate)]!);
  const sensitivities = [...sensitivitiesAt(marks, CPM_RATES, unitScanWeights(marks))];

  const figure = (value: number, { lower, upper }: Interval, title: string, definition: string): Figure => ({
    title,
    value,
    n: marks.nodules,
    of: 'nodules',
    interval: { lower, upper, method: 'bootstrap over scans' },
    definition: `${definition} ${RULES}`,
  });
  const figures: Figures = {
    'froc.cpm': figure(
      cpm(marks),
      bootstrap.cpm,
      'CPM',
      'Competition performance metric: mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false positives a scan (Niemeijer et al. 2011).',
    ),
  };
  CPM_RATES.forEach((rate, i) => {
    figures[`froc.sensitivityAt${rate}`] = figure(
      sensitivities[i]!,
      intervals[i]!,
      `Sensitivity at ${rate} false positives a scan`,
      `Share of the nodules that are hit at the threshold where ${rate} false positives a scan remain, interpolated between thresholds.`,
    );
  });
  const { scored, hits, falsePositives, inExcluded, doubles, dropped } = marks.counts;
  return {
    figures,
    section: {
      scans: marks.scans,
      nodules: marks.nodules,
      nodulesWithoutCandidate: scans.flatMap(({ nodules, places }) => nodules.filter((each) => !isMarked(each, places)))
        .length,
      marks: { scored, hits, falsePositives, ignored: inExcluded + doubles, dropped },
      curve: frocCurve(marks).map(({ falsePositivesPerScan, sensitivity }) => ({ falsePositivesPerScan, sensitivity })),
      band: BAND_RATES.map((falsePositivesPerScan, i) => ({
        falsePositivesPerScan,
        ...bootstrap.sensitivities[i]!,
      })),
      points: CPM_RATES.map((falsePositivesPerScan, i) => ({
        falsePositivesPerScan,
        value: sensitivities[i]!,
        n: marks.nodules,
        lower: intervals[i]!.lower,
        upper: intervals[i]!.upper,
      })),
      resamples,
      seed,
    },
  };
}
