import type { Figure, Figures, Measured } from '../figure';
import {
  aucWithInterval,
  classBrierScore,
  classConfusion,
  classPairs,
  handTillAuc,
  logLoss,
  oneVersusRest,
  oneVersusRestAucs,
  patientBootstrapWhereDefined,
  quadraticKappa,
  type BootstrapOptions,
  type Cases,
  type ClassCases,
  type Weights,
} from '../statistics';
import { figureByPatient, proportionFigure } from './figure-of';

/** For tasks of more than two classes. */
export interface MulticlassSection {
  labels: string[];
  /** `[true class][most probable class]`. */
  confusion: number[][];
  /** Each class against the rest. */
  perClass: { label: string; n: number; auc: number | null; sensitivity: number | null; ppv: number | null }[];
}

export interface ScoredClasses {
  cases: ClassCases;
  /** Names of the classes, in their order. */
  labels: readonly string[];
  /** `[n]`, what is drawn whole in a resample, as an integer from 0. */
  clusterOf: ArrayLike<number>;
  names: { cases: string; clusters: string };
  bootstrap: BootstrapOptions;
}

/** How well more than two classes are told apart, together and each against the rest. */
export function measureMulticlass(scored: ScoredClasses): Measured<MulticlassSection> {
  const { cases, labels, names } = scored;
  const confusion = classConfusion(cases);
  const against = oneVersusRest(cases);
  const n = cases.labels.length;
  const right = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  const perClass = labels.map((label, k) => figuresOfClass(label, against[k]!, confusion, k));
  return {
    figures: {
      ...figuresOfAll(scored, against),
      'multiclass.accuracy': proportionFigure(right, n, {
        title: 'Accuracy over all classes',
        of: names.cases,
        definition: 'Share of cases whose most probable class is the label; Wilson interval.',
      }),
      ...Object.fromEntries(
        perClass.flatMap((figures, k) =>
          Object.entries(figures).map(([name, figure]) => [`multiclass.${labels[k]!}.${name}`, figure]),
        ),
      ),
    },
    section: {
      labels: [...labels],
      confusion,
      perClass: perClass.map(({ auc, sensitivity, ppv }, k) => ({
        label: labels[k]!,
        n: against[k]!.positives,
        auc: auc.value,
        sensitivity: sensitivity.value,
        ppv: ppv.value,
      })),
    },
  };
}

function figuresOfAll({ cases, clusterOf, names, bootstrap }: ScoredClasses, against: readonly Cases[]): Figures {
  const pairs = classPairs(cases);
  const measure = (weights: Weights) => {
    const aucs = oneVersusRestAucs(against, weights);
    return [
      handTillAuc(pairs, weights),
      aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length,
      quadraticKappa(classConfusion(cases, weights)),
      classBrierScore(cases, weights),
      logLoss(cases, weights),
    ];
  };
  const n = cases.labels.length;
  const values = measure(new Uint32Array(n).fill(1));
  const intervals = patientBootstrapWhereDefined(clusterOf, measure, bootstrap);
  const figure = (i: number, title: string, definition: string): Figure =>
    figureByPatient(values[i]!, n, intervals[i]!, { title, of: names.cases, definition }, names.clusters);
  return {
    'multiclass.auc': figure(
      0,
      'AUC over pairs of classes',
      'Mean AUC over all ordered pairs of classes, by the probability of the first (Hand and Till 2001); one half is chance, whatever the prevalence.',
    ),
    'multiclass.aucOneVersusRest': figure(
      1,
      'AUC against the rest, mean over classes',
      'Mean over classes of the AUC of its probability against all other classes (Fawcett 2006).',
    ),
    'multiclass.kappa': figure(
      2,
      'Kappa with quadratic weights',
      'Agreement of label and most probable class beyond chance, where a miss by two classes counts four times as much as by one (Cohen 1968); for classes in order.',
    ),
    'multiclass.brier': figure(
      3,
      'Brier score over all classes',
      'Mean summed squared difference of probabilities and label (Brier 1950); 0 is perfect, 2 the worst.',
    ),
    'multiclass.logLoss': figure(
      4,
      'Log loss',
      'Mean of −ln of the probability of the true class (Good 1952); 0 is perfect.',
    ),
  };
}

function figuresOfClass(
  label: string,
  cases: Cases,
  confusion: readonly (readonly number[])[],
  k: number,
): { auc: Figure; sensitivity: Figure; ppv: Figure } {
  const defined = cases.positives > 0 && cases.negatives > 0;
  const area = defined ? aucWithInterval(cases) : null;
  const called = confusion.reduce((sum, row) => sum + row[k]!, 0);
  return {
    auc: {
      title: `ROC AUC, ${label} against the rest`,
      value: area && area.auc,
      n: cases.labels.length,
      of: 'cases',
      interval: area && area.interval,
      definition: `The probability of ${label} as a score for it (Hanley and McNeil 1982); interval by DeLong, DeLong and Clarke-Pearson (1988), or by Newcombe (2006) where its variance is 0.`,
    },
    sensitivity: proportionFigure(confusion[k]![k]!, cases.positives, {
      title: `Sensitivity, ${label}`,
      of: `${label} cases`,
      definition: `Share of ${label} cases whose most probable class it is; Wilson interval.`,
    }),
    ppv: proportionFigure(confusion[k]![k]!, called, {
      title: `PPV, ${label}`,
      of: `cases called ${label}`,
      definition: `Share of the cases called ${label} that are; Wilson interval.`,
    }),
  };
}
