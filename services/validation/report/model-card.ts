import { stringify } from 'yaml';
import { notMeasured } from './outline';
import type { Report } from './schema';
import { comparison, intervalText, number } from './wording';

/** What Hugging Face calls the metrics that it knows; the others keep their own names. */
const METRIC_TYPES: Record<string, string> = {
  auc: 'roc_auc',
  averagePrecision: 'average_precision',
  sensitivity: 'recall',
  ppv: 'precision',
  f1: 'f1',
  mcc: 'matthews_correlation',
  brier: 'brier_score',
};

/**
 * model-card.md: what Mitchell et al. (Model Cards for Model Reporting, FAT* 2019) ask for, in their order, with
 * Hugging Face's `model-index` as front matter. What only a person can know, it says is to be written.
 */
export function modelCard(report: Report): string {
  return `---
${stringify(frontMatter(report), { lineWidth: 0 })}---

**${text(report.notice)}**

# Model card: ${text(report.model.name)}

${[details(report), intendedUse(report), factors(report), metrics(report), figures(report), data(report), considerations(report)].join('\n\n')}
`;
}

function frontMatter({ model, dataset, figures, holdout }: Report): unknown {
  return {
    library_name: 'onnx',
    pipeline_tag: 'image-classification',
    tags: ['medical-imaging', 'computed-tomography', 'onnx', 'lungate'],
    'model-index': [
      {
        name: model.name,
        results: [
          {
            task: { type: 'image-classification', name: `${model.positiveLabel} against ${model.negativeLabel}` },
            dataset: { name: dataset.name, type: dataset.name, split: 'holdout', revision: holdout.digest },
            metrics: Object.entries(figures)
              .filter(([, { value }]) => value !== null)
              .map(([name, { title, value }]) => ({ type: METRIC_TYPES[name] ?? name, name: title, value })),
          },
        ],
      },
    ],
  };
}

function details({ model, software }: Report): string {
  const { input, trainedOn } = model;
  const spacing = input.resampleMm === null ? 'in the spacing of the scan' : `resampled to ${input.resampleMm} mm`;
  return section('Model details', [
    ['Name', text(model.name)],
    ['Bundle', code(model.bundle)],
    [
      'Kind',
      `a network that classifies patches of CT, as ONNX; run here by ONNX Runtime ${text(software.onnxruntime)}`,
    ],
    [
      'Input',
      `a patch of ${input.patchSize.join(' × ')} voxels (slices, rows, columns) around a candidate, ${spacing}, in HU, clipped to ${input.clipHu.join(' to ')}`,
    ],
    ['Output', `the probability of ${text(model.positiveLabel)} against ${text(model.negativeLabel)}`],
    [
      'Trained with',
      `${text(model.engine)}; seed ${model.seed}; config ${code(model.configDigest)}; split ${code(trainedOn.splitDigest)}`,
    ],
    ['Code', model.gitCommit === null ? 'not under version control' : code(model.gitCommit)],
    ['Authors, licence, contact', TO_BE_WRITTEN],
  ]);
}

const TO_BE_WRITTEN = '*a person must write this*';

function intendedUse({ intendedUse: use }: Report): string {
  const undeclared = '*a person must write this: the suite declares no `intendedUse`*';
  return section('Intended use', [
    ['Purpose', use ? text(use.purpose) : undeclared],
    ['Users', use ? text(use.users) : undeclared],
    ['Out of scope', use ? text(use.outOfScope) : undeclared],
  ]);
}

/** Columns of a dataset's series.csv that would tell of people, not of scanners. */
const DEMOGRAPHIC = ['sex', 'gender', 'age', 'ethnicity', 'race'];

function factors({ strata, probes }: Report): string {
  const dimensions = strata?.dimensions ?? [];
  const worst = strata?.worst;
  const dimension = dimensions.find(({ name }) => name === worst?.dimension);
  const people = dimensions.filter(({ name }) => DEMOGRAPHIC.includes(name.toLowerCase()));
  const entries: [string, string][] = [
    ['Strata compared', titlesOf(dimensions)],
    ['Disturbances probed', titlesOf(probes?.probes ?? [])],
    [
      'Demographic groups',
      people.length > 0 ? titlesOf(people) : 'none compared: nothing is known of differences between them',
    ],
  ];
  if (worst && dimension) {
    const level = `${text(dimension.title)}, ${text(worst.label)}`;
    entries.push(['Worst stratum', `${level}: ${worst.metric} ${number(worst.value)} (n = ${worst.n})`]);
  }
  return section('Factors', entries);
}

function titlesOf(parts: readonly { title: string }[]): string {
  return parts.length === 0 ? 'none' : parts.map(({ title }) => text(title)).join('; ');
}

function metrics({ operatingPoint, rules, verdict, policy, suite }: Report): string {
  const { threshold, targetSpecificity } = operatingPoint;
  const point =
    threshold > 1
      ? 'above every score: nothing is called'
      : `a score of at least ${number(threshold)}, fixed on the validation split at a specificity of ${targetSpecificity}`;
  return section('Metrics and acceptance', [
    ['Operating point', point],
    [
      'Verdict',
      `**${verdict.toUpperCase()}** by the policy ${text(policy.name)} ${code(policy.digest)} and the suite ${text(suite.name)} ${code(suite.digest)}`,
    ],
  ]).concat(
    `\n\n${table(
      ['Rule', 'Asked of', 'Outcome'],
      rules.map((rule) => [rule.name, rule.metric, `${rule.outcome}: ${comparison(rule)}`]),
    )}`,
  );
}

function figures({ figures: all }: Report): string {
  const rows = Object.values(all).map(({ title, value, interval, n, of }) => [
    title,
    number(value),
    interval ? `${intervalText(interval)} (${interval.method})` : '–',
    `${n} ${of}`,
  ]);
  return `## Quantitative analyses\n\n${table(['Figure', 'Estimate', '95 % interval', 'Based on'], rows)}`;
}

function data({ dataset, holdout, model }: Report): string {
  const { trainedOn } = model;
  const origin = dataset.synthetic ? 'computer-generated' : 'labels are the opinion of readers, not pathology';
  return section('Evaluation and training data', [
    [
      'Evaluation',
      `${text(dataset.name)} ${code(dataset.digest)} (${origin}): ${holdout.patients} patients held out, ${holdout.series} series, ${holdout.candidates} candidates, ${holdout.positives} of them ${text(model.positiveLabel)}`,
    ],
    [
      'Training',
      `${text(trainedOn.dataset)} ${code(trainedOn.datasetDigest)}: ${trainedOn.trainingPatients} patients, and ${trainedOn.validationPatients} more to choose the model and its threshold`,
    ],
    ['Shared patients or scans', 'none, by patient and by content; the gate refuses otherwise'],
  ]);
}

function considerations(report: Report): string {
  const missing = notMeasured(report);
  return section('Ethical considerations, caveats and recommendations', [
    ['Labels', text(report.notice)],
    ['Not measured', missing.length === 0 ? 'nothing that the suite can ask for' : missing.join('; ')],
    ['Intervals', 'some take the candidates of one patient as independent; report.html says which'],
    ['Ethics, risks, recommendations', TO_BE_WRITTEN],
  ]);
}

function section(title: string, entries: readonly (readonly [string, string])[]): string {
  return `## ${title}\n\n${entries.map(([term, words]) => `- **${term}:** ${words}`).join('\n')}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map((row) => line(row.map(text)))].join('\n');
}

/** Text of which Markdown and HTML make nothing else, on one line. */
function text(raw: string): string {
  return raw.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~&]/g, (character) => `\\${character}`);
}

function code(digest: string): string {
  return `\`${digest.replaceAll('`', '')}\``;
}
