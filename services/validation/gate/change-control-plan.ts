import { isChampionMetric, type AskedRule } from 'model-bundle';
import { suiteDigest, type Suite } from '../suite';
import { figuresOf } from './figure-catalogue';
import { policyDigest, type Policy } from './policy';
import { rulesOf } from './rules';

/**
 * Suite and policy as a predetermined change control plan in plain words, laid out as in FDA's guidance of December 2024:
 * modifications, modification protocol, impact assessment. What the code does is told from suite and rules; what people
 * do, and which changes are covered, comes from the policy's `changeControl`.
 */
export function explainPlan(suite: Suite, policy: Policy): string[] {
  return [
    `# Change control plan for ${suite.model}`,
    '',
    `From the suite ${suite.name} (${suiteDigest(suite)})`,
    `and the policy ${policy.name} (${policyDigest(policy)}).`,
    '',
    ...ADVICE,
    ...modifications(policy),
    ...protocol(suite, policy),
    ...impact(policy),
    ...failure(policy),
    ...people(policy),
  ];
}

const ADVICE = [
  'This is no regulatory advice. It is laid out like a predetermined change control plan (FDA, "Marketing Submission',
  'Recommendations for a Predetermined Change Control Plan for AI-Enabled Device Software Functions", December 2024),',
  'so that people who write one can start from what the software really does. No authority has seen it.',
];

function modifications({ changeControl }: Policy): string[] {
  const covered = changeControl?.modifications.map(
    ({ what, step }) => `- ${what}. It makes a ${step.toUpperCase()} version.`,
  );
  return [
    ...heading('1. What may change (description of modifications)'),
    ...(covered ?? [UNSAID]),
    '',
    'Every other change needs a new submission:',
    '- Whatever a caller would notice: inputs, outputs, labels, preprocessing. It makes a MAJOR version, which the registry',
    '  derives by comparing the two models; nobody can ask for a lower one.',
    '- The suite or this policy. Each is known by a digest that every evidence names, so a change cannot pass unseen.',
    ...(changeControl?.outsideThePlan ?? []).map((change) => `- ${change}.`),
  ];
}

function protocol(suite: Suite, policy: Policy): string[] {
  const { holdout, operatingPoint, bootstrap, secondary } = suite;
  const words = figuresOf(suite);
  const [primary, ...rules] = rulesOf(suite, policy);
  const name = (metric: string) => words[metric] ?? metric;
  return [
    ...heading('2. How each change is tested (modification protocol)'),
    `Data. ${holdout.patients.length} patients of the dataset ${holdout.dataset} are held out, fixed by the digest of their scans, candidates and`,
    'annotations. No model may be trained or tuned on them: neither by patient, nor by a copy of a scan under another name.',
    'Every use of the holdout is counted.',
    '',
    `Operating point. The threshold is fixed on the validation split at a specificity of ${operatingPoint.specificity}, never on the holdout.`,
    '',
    `Primary endpoint. ${sentence(primary!, words)}`,
    ...(secondary.length > 0 ? ['', `Secondary endpoints. ${capital(secondary.map(name).join('; '))}.`] : []),
    '',
    'All of these rules must hold as well; none is weighed against another, and a figure that the cases do not define',
    'passes none:',
    ...rules.map((rule) => `- ${rule.name}: ${sentence(rule, words)}`),
    ...(rules.some(({ metric }) => isChampionMetric(metric))
      ? ['', 'Rules on the champion are not applicable to the first version, when there is none; the evidence says so.']
      : []),
    '',
    `Uncertainty. Intervals are 95 %; where no closed form is used, ${bootstrap.resamples} resamples of whole patients with a fixed seed.`,
    'The same model, suite, policy, data and champion give the same evidence, byte for byte.',
    '',
    'Update. The gate signs its evidence; the registry checks signature and digests and judges every rule again before a',
    'version exists. A new version replays golden cases before it gets a request.',
  ];
}

function impact({ changeControl }: Policy): string[] {
  const lines = changeControl?.modifications.flatMap(({ what, benefit, risk, caughtBy }) => [
    `- ${what}.`,
    `  Benefit: ${benefit}.`,
    `  Risk: ${risk}.`,
    `  Caught by: ${caughtBy.map((rule) => `"${rule}"`).join(', ')}.`,
  ]);
  return [...heading('3. What it may do to patients (impact assessment)'), ...(lines ?? [UNSAID])];
}

function failure({ changeControl }: Policy): string[] {
  return [
    ...heading('4. What happens on failure'),
    '- A rule fails: the gate ends with exit code 3, nothing is registered, the champion serves on. The evidence of the',
    '  failure is signed and kept.',
    '- The holdout was trained on, or is not the one of the suite: the gate refuses with exit code 3 before a case is scored.',
    '- A version in use turns out bad: `lungate rollback` moves back to the one before, which the history records.',
    ...(changeControl?.onFailure ?? []).map((step) => `- ${step}.`),
  ];
}

function people({ changeControl }: Policy): string[] {
  const lines = changeControl?.responsibilities.map(({ who, does }) => `- ${capital(who)}: ${does}.`);
  return [...heading('5. Who acts'), ...(lines ?? [UNSAID])];
}

const UNSAID = 'The policy does not say: a person must write it (changeControl in the policy file).';

function heading(title: string): string[] {
  return ['', `## ${title}`, ''];
}

/** `The lower bound of the 95 % interval of the ROC AUC is at least 0.8.` */
function sentence({ metric, on, op, threshold }: AskedRule, words: Record<string, string>): string {
  const bound = on === 'point' ? '' : `the ${on} bound of the 95 % interval of `;
  return `${capital(`${bound}${words[metric] ?? metric}`)} is at ${op === '>=' ? 'least' : 'most'} ${threshold}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
