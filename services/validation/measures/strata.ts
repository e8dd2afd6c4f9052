import type { Figure, Figures, Measured } from '../figure';
import type { StrataSection } from '../report/sections';
import { aucWithInterval, makeCases, wilsonInterval, type Cases } from '../statistics';
import { stratify, type Level } from '../strata';
import type { Study } from '../study';

type Dimension = StrataSection['dimensions'][number];
type MeasuredLevel = Dimension['levels'][number];
type Metric = 'sensitivity' | 'auc';

/**
 * Whether the model does as well for every kind of case; nothing where the suite names no strata.
 *
 * @throws the VALIDATION_STRATUM_… errors
 */
export function measureStrata(study: Study): Measured<StrataSection | null> {
  const { suite, candidates, dataset } = study;
  if (!suite.strata) return { figures: {}, section: null };
  const { minimumCases } = suite.strata;
  const dimensions = stratify(suite.strata, dataset.manifest, candidates).map(
    ({ name, title, ofPositives, levels }) => {
      const negatives = ofPositives ? [...study.cases.labels.keys()].filter((i) => study.cases.labels[i] === 0) : [];
      return {
        name,
        title,
        ofPositives,
        levels: levels.map((level) => measureLevel(study, level, negatives, minimumCases)),
      };
    },
  );
  const all = dimensions.flatMap((dimension) => dimension.levels.map((level) => ({ dimension, level })));
  const worst = worstOf(all, 'sensitivity');
  return {
    figures: {
      'strata.worst.sensitivity': worstFigure('sensitivity', null, worst),
      ...Object.fromEntries(dimensions.flatMap((dimension) => Object.entries(figuresOf(dimension)))),
    },
    section: {
      minimumCases,
      dimensions,
      worst: worst && {
        dimension: worst.dimension.name,
        label: worst.level.label,
        metric: 'sensitivity',
        value: worst.level.sensitivity!.value,
        n: worst.level.sensitivity!.n,
      },
    },
  };
}

/** `negatives` are those that every level's positives are told from, where negatives stand in no level. */
function measureLevel(study: Study, level: Level, negatives: readonly number[], minimumCases: number): MeasuredLevel {
  const { cases, patientOf, operatingPoint } = study;
  const own = subset(cases, level.members);
  const compared = negatives.length === 0 ? own : subset(cases, [...level.members, ...negatives]);
  const called = (label: number) =>
    level.members.filter((i) => cases.labels[i] === label && cases.scores[i]! >= operatingPoint.threshold).length;
  const few = own.positives < minimumCases || (own.negatives > 0 && own.negatives < minimumCases);
  return {
    label: level.label,
    known: level.known,
    candidates: level.members.length,
    patients: new Set(level.members.map((i) => patientOf[i])).size,
    positives: own.positives,
    negatives: own.negatives,
    tooFew: few,
    auc: compared.positives > 0 && compared.negatives > 0 ? aucOf(compared) : null,
    sensitivity: proportion(called(1), own.positives),
    specificity: proportion(own.negatives - called(0), own.negatives),
  };
}

function subset({ labels, scores }: Cases, members: readonly number[]): Cases {
  return makeCases(
    members.map((i) => labels[i]!),
    members.map((i) => scores[i]!),
  );
}

function aucOf(cases: Cases): MeasuredLevel['auc'] {
  const { auc, interval } = aucWithInterval(cases);
  return { value: auc, n: cases.labels.length, lower: interval.lower, upper: interval.upper };
}

function proportion(successes: number, trials: number): MeasuredLevel['sensitivity'] {
  return trials === 0 ? null : { value: successes / trials, n: trials, ...wilsonInterval(successes, trials) };
}

interface Worst {
  dimension: Pick<Dimension, 'name' | 'title'>;
  level: MeasuredLevel;
}

/** Of the levels with a known value and enough cases; the first of equals. */
function worstOf(levels: readonly Worst[], metric: Metric): Worst | null {
  const enough = levels.filter(({ level }) => level.known && !level.tooFew && level[metric] !== null);
  return enough.reduce<Worst | null>(
    (worst, next) => (worst && worst.level[metric]!.value <= next.level[metric]!.value ? worst : next),
    null,
  );
}

function figuresOf(dimension: Dimension): Figures {
  const levels = dimension.levels.map((level) => ({ dimension, level }));
  const figure = (metric: Metric) => worstFigure(metric, dimension.title.toLowerCase(), worstOf(levels, metric));
  return {
    [`strata.${dimension.name}.worst.sensitivity`]: figure('sensitivity'),
    [`strata.${dimension.name}.worst.auc`]: figure('auc'),
  };
}

const WORDS: Record<Metric, { title: string; of: string; method: string; definition: string }> = {
  sensitivity: {
    title: 'Lowest sensitivity',
    of: 'positive candidates',
    method: 'Wilson',
    definition: 'Sensitivity at the operating point in the level where it is lowest; Wilson interval of that level.',
  },
  auc: {
    title: 'Lowest ROC AUC',
    of: 'candidates',
    method: 'DeLong, Newcombe where its variance is 0',
    definition:
      'ROC AUC in the level where it is lowest; where only positives have levels, they are told from all negatives; DeLong interval of that level, or Newcombe’s (2006) where the scores separate the classes.',
  },
};
const SELECTION = 'Levels with too few cases are not looked at; the interval does not know that the lowest was picked.';

/** `among` is a dimension in words; null looks at all of them. */
function worstFigure(metric: Metric, among: string | null, worst: Worst | null): Figure {
  const { title, of, method, definition } = WORDS[metric];
  const words = { of, definition: `${definition} ${SELECTION}` };
  const whole = `${title} ${among === null ? 'of all strata' : `by ${among}`}`;
  if (!worst) return { ...words, title: `${whole}: too few cases in each`, value: null, n: 0, interval: null };
  const { value, n, lower, upper } = worst.level[metric]!;
  const where = among === null ? `${worst.dimension.title}, ${worst.level.label}` : worst.level.label;
  return { ...words, title: `${whole}: ${where}`, value, n, interval: { lower, upper, method } };
}
