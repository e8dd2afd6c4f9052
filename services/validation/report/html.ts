import { escapeMarkup } from './escape-markup';
import { verdictSentence } from './explain-verdict';
import type { Plots } from './plots';
import type { Report, ReportedCandidate } from './schema';
import { STYLES } from './styles';
import { intervalText, measuredQuantity, number, signed } from './wording';

/** A candidate's middle slice: PNG bytes, and how many millimetres its width spans. */
export interface SliceImage {
  png: Buffer;
  widthMm: number;
}

/** report.html: one file that needs nothing else. `slices` holds a picture for each reported candidate, by id. */
export function reportHtml(report: Report, plots: Plots, slices: ReadonlyMap<string, SliceImage>): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(`${report.verdict.toUpperCase()}: validation of ${report.model.name}`)}</title>
<style>${STYLES}</style>
</head>
<body>
<p class="notice">${escapeMarkup(report.notice)}</p>
${[
  header(report),
  resultsTable(report),
  figures(report, plots),
  diameterTable(report),
  pictures(report, slices),
  methods(report),
  provenance(report),
].join('\n')}
</body>
</html>
`;
}

const OUTCOMES = {
  pass: { word: 'pass', mark: '✓ pass' },
  fail: { word: 'fail', mark: '✗ FAIL' },
  'not applicable': { word: 'skipped', mark: '– n/a' },
} as const;

function header(report: Report): string {
  const { model, holdout, dataset, rules, verdict } = report;
  const rows = rules.map((rule) => {
    const { word, mark } = OUTCOMES[rule.outcome];
    const bound = `${rule.op === '>=' ? '≥' : '≤'} ${number(rule.threshold)}`;
    const endpoint = rule.endpoint === null ? '' : ` <small>${rule.endpoint} endpoint</small>`;
    return `<tr class="${rule.outcome === 'fail' ? 'failed' : ''}">
<td class="mark ${word}">${mark}</td>
<th scope="row">${escapeMarkup(rule.name)}${endpoint}<br><small>${escapeMarkup(measuredQuantity(rule, report))}</small></th>
<td class="number">${number(rule.value)}</td><td class="number">${bound}</td><td class="number">${signed(rule.margin)}</td></tr>`;
  });
  return `<header>
<h1>Validation of ${escapeMarkup(model.name)}</h1>
<p class="subtitle">${holdout.candidates} candidates, ${holdout.positives} of them ${escapeMarkup(model.positiveLabel)}, from ${holdout.patients} patients held out of ${escapeMarkup(dataset.name)}</p>
<div class="verdict ${verdict}"><strong>${verdict.toUpperCase()}</strong><p>${escapeMarkup(verdictSentence(verdict, rules))}</p></div>
<table>
<thead><tr><th>Result</th><th>Rule</th><th class="number">Measured</th><th class="number">Required</th><th class="number">Margin</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</header>`;
}

function resultsTable(report: Report): string {
  const rows = Object.values(report.figures).map(({ title, value, n, of, interval }) => {
    const bounds = interval
      ? `${intervalText(interval)} <small>${escapeMarkup(interval.method)}</small>`
      : '<small>exact</small>';
    return `<tr><th scope="row">${escapeMarkup(title)}</th><td class="number">${number(value)}</td><td>${bounds}</td><td>${n} ${escapeMarkup(of)}</td></tr>`;
  });
  return `<section><h2>Figures with their intervals</h2>
<table>
<thead><tr><th>Figure</th><th class="number">Estimate</th><th>95 % interval</th><th>Based on</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></section>`;
}

function figures(report: Report, plots: Plots): string {
  const { operatingPoint, bootstrap, calibration, model } = report;
  const figure = (svg: string, title: string, text: string) =>
    `<figure>${svg}<figcaption><b>${title}</b> ${text}</figcaption></figure>`;
  const threshold = operatingPoint.threshold > 1 ? 'above every score' : number(operatingPoint.threshold);
  return `<section><h2>Discrimination and calibration</h2>
<div class="figures">
${figure(plots.roc, 'ROC curve.', `Grey: point-wise 95 % band, ${bootstrap.resamples} resamples of patients. Circle: the operating point. Dashed: chance.`)}
${figure(plots.reliability, 'Reliability.', `${calibration.equalWidth.length} bins of equal width, the number of cases above each, Wilson intervals. Dashed: perfect calibration.`)}
${figure(plots.histogram, 'Scores.', `Square-root scale. Dashed: the operating point, ${threshold}.`)}
${figure(plots.diameters, 'Sensitivity by diameter.', `Wilson intervals, number of ${escapeMarkup(model.positiveLabel)} candidates in brackets. Dashed: all of them.`)}
</div></section>`;
}

function diameterTable(report: Report): string {
  const { strata, discrimination, model } = report;
  const [positives, negatives] = [model.positiveLabel, model.negativeLabel].map((label) =>
    escapeMarkup(`${label} candidates`),
  );
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = discrimination.confusion;
  const levels = strata?.dimensions.find(({ name }) => name === 'diameter')?.levels ?? [];
  const rows = levels.map(({ label, positives: n, tooFew, sensitivity }) => {
    const remark = n === 0 ? 'none of this size' : tooFew ? 'too few to conclude from' : '';
    const value = number(sensitivity?.value ?? null);
    return `<tr><th scope="row">${escapeMarkup(label)}</th><td class="number">${n}</td><td class="number">${value}</td><td>${sensitivity ? intervalText(sensitivity) : '–'} <small>${remark}</small></td></tr>`;
  });
  return `<section><h2>At the operating point</h2>
<p>${escapeMarkup(operatingPointSentence(report))}</p>
<table>
<thead><tr><th></th><th class="number">Called ${escapeMarkup(report.model.positiveLabel)}</th><th class="number">Not called</th></tr></thead>
<tbody>
<tr><th scope="row">${positives}</th><td class="number">${truePositives}</td><td class="number">${falseNegatives}</td></tr>
<tr><th scope="row">${negatives}</th><td class="number">${falsePositives}</td><td class="number">${trueNegatives}</td></tr>
</tbody>
</table>
<p>&nbsp;</p>
<table>
<thead><tr><th>Diameter</th><th class="number">${positives}</th><th class="number">Sensitivity</th><th>95 % interval</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></section>`;
}

function operatingPointSentence({ operatingPoint, model }: Report): string {
  const { threshold, targetSpecificity, positives, negatives } = operatingPoint;
  const { negativeLabel, positiveLabel } = model;
  const basis = `the validation split (${positives} ${positiveLabel}, ${negatives} ${negativeLabel}), never on the holdout`;
  if (threshold > 1)
    return `No threshold finds any ${positiveLabel} at a specificity of ${targetSpecificity} on ${basis}, so nothing is called.`;
  return `A candidate is called ${positiveLabel} from a score of ${number(threshold)}: the threshold that keeps a specificity of ${targetSpecificity} on ${basis}.`;
}

function pictures(report: Report, slices: ReadonlyMap<string, SliceImage>): string {
  const strip = (title: string, cases: ReportedCandidate[], wrong: string) => `<h3 class="small">${title}</h3>
<div class="slices">
${cases.map((candidate) => picture(candidate, slices.get(candidate.id)!, wrong)).join('\n')}
</div>`;
  return `<section><h2>Where it errs most</h2>
<p class="small">Middle axial slice of the patch, lung window (−1000 to 200 HU); the bar is 10 mm.</p>
${strip(`Labelled ${escapeMarkup(report.model.positiveLabel)}, with the lowest scores`, report.lowestPositives, 'missed')}
${strip(`Labelled ${escapeMarkup(report.model.negativeLabel)}, with the highest scores`, report.highestNegatives, 'false alarm')}
</section>`;
}

function picture(
  { id, diameterMm, probability, correct }: ReportedCandidate,
  image: SliceImage,
  wrong: string,
): string {
  const size = diameterMm === null ? '' : `, ${diameterMm.toFixed(1)} mm`;
  const bar = Math.min(88, 1000 / image.widthMm).toFixed(1);
  const source = `data:image/png;base64,${image.png.toString('base64')}`;
  return `<figure><div class="slice"><img src="${source}" width="48" height="48" alt="${escapeMarkup(id)}"><i style="width:${bar}%"></i></div>
<figcaption><b>${number(probability)}</b>${size}<br><code>${escapeMarkup(id)}</code>${correct ? '' : `<br><b>${wrong}</b>`}</figcaption></figure>`;
}

function methods(report: Report): string {
  const { bootstrap, notice, holdout } = report;
  const entries = Object.values(report.figures).map(
    ({ title, definition }) => `<dt>${escapeMarkup(title)}</dt><dd>${escapeMarkup(definition)}</dd>`,
  );
  return `<section><h2>How the figures were made</h2>
<dl class="methods">
${entries.join('\n')}
<dt>Bootstrap</dt><dd>${bootstrap.resamples} resamples of ${holdout.patients} patients, seed ${bootstrap.seed}; bounds are order statistics. With few patients such an interval is coarse.</dd>
<dt>Diameter</dt><dd>Of the annotation that the candidate belongs to; both edges count to the middle range.</dd>
<dt>Leakage</dt><dd>No patient and no series (by content) of the holdout stands in the training or validation split of this model; the gate refuses otherwise.</dd>
<dt>Limits</dt><dd>Wilson and DeLong intervals take candidates as independent; candidates of one patient are not quite. ${escapeMarkup(notice)}</dd>
</dl></section>`;
}

function provenance({ model, suite, dataset, holdout, software }: Report): string {
  const { trainedOn } = model;
  const digest = (value: string) => `<code>${escapeMarkup(value)}</code>`;
  const rows: [string, string][] = [
    ['Model bundle', digest(model.bundle)],
    ['Suite', `${escapeMarkup(suite.name)} ${digest(suite.digest)}`],
    ['Dataset', `${escapeMarkup(dataset.name)} ${digest(dataset.digest)}`],
    ['Holdout', `${holdout.series} series ${digest(holdout.digest)}`],
    [
      'Trained on',
      `${trainedOn.trainingPatients} patients, ${trainedOn.validationPatients} more for validation; ${escapeMarkup(trainedOn.dataset)} ${digest(trainedOn.datasetDigest)}`,
    ],
    ['Split', digest(trainedOn.splitDigest)],
    ['Training config', digest(model.configDigest)],
    ['Seed', String(model.seed)],
    ['Code', model.gitCommit === null ? 'not under version control' : digest(model.gitCommit)],
    ['Training engine', escapeMarkup(model.engine)],
    ['Scored with', `ONNX Runtime ${escapeMarkup(software.onnxruntime)}, one thread a session`],
  ];
  return `<section><h2>Provenance</h2>
<dl>
${rows.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('\n')}
</dl></section>`;
}
