import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestJson } from 'durable-files';
import { contradictionsOf, readEvidence, type AskedRule, type SignedEvidence } from 'model-bundle';
import { validationError } from '../errors';
import type { Figure, Figures } from '../figure';
import { policyDigest, readPolicy, rulesOf } from '../gate';
import { reportSchema, type Report } from '../report';
import { publishedSuiteSchema, publishSuite, readSuite, suiteDigest, type PublishedSuite } from '../suite';
import { differencesOf } from './differences';
import { recompute } from './recompute';

export interface CheckedEvidence {
  evidence: SignedEvidence;
  report: Report;
  /** Names of the figures that scores.csv gives again, equal to 1e-9 in value and interval. */
  recomputed: string[];
  /** Names of those that rest on scans, on the model or on the champion, and stand as the report has them. */
  taken: string[];
}

/**
 * Judges evidence again without model and scans: its signature and the digest of every file; each rule, and the verdict,
 * from the figures of report.json; and whatever scores.csv gives (figures with their intervals, curves, counts) from
 * scores.csv. A policy or suite given must be the one that the evidence names.
 *
 * @throws the EVIDENCE_… errors of model-bundle, VALIDATION_EVIDENCE_CONTRADICTS (with the whole list),
 *   VALIDATION_EVIDENCE_OTHER_POLICY, VALIDATION_EVIDENCE_OTHER_SUITE
 */
export async function checkEvidence(
  dir: string,
  given: { publicKeyPem: string; policyPath?: string | undefined; suitePath?: string | undefined },
): Promise<CheckedEvidence> {
  const evidence = await readEvidence(dir, given.publicKeyPem);
  const asking = await readAsking(evidence, given);
  const problems = await contradictionsOf(dir, evidence);
  const parsed = reportSchema.safeParse(await readPart(dir, 'report.json'));
  const suite = publishedSuiteSchema.safeParse(await readPart(dir, 'suite.json'));
  if (!parsed.success) problems.push(`report.json is not of the published schema (${pathOf(parsed.error.issues)})`);
  if (!suite.success) problems.push(`suite.json is not a suite (${pathOf(suite.error.issues)})`);
  if (!parsed.success || !suite.success) throw contradiction(problems);

  if (asking && digestJson(asking) !== digestJson(suite.data))
    problems.push('suite.json is not the suite that was given');

  const answered = new Set(evidence.rules.map(question));
  const unasked = rulesOf(suite.data, { rules: [] }).filter((rule) => !answered.has(question(rule)));
  problems.push(...unasked.map(({ name }) => `rule "${name}" was not asked as suite.json has it`));

  const report = parsed.data;
  const again = recompute(report, suite.data, await readFile(join(dir, 'scores.csv'), 'utf8').catch(() => ''));
  if (typeof again === 'string') throw contradiction([...problems, again]);
  const names = Object.keys(report.figures);
  const recomputed = names.filter((name) => Object.hasOwn(again.figures, name));
  const reported = {
    holdout: report.holdout,
    figures: numbersOf(report.figures, recomputed),
    discrimination: report.discrimination,
    calibration: report.calibration,
    decision: report.decision,
    histogram: report.histogram,
  };
  problems.push(...differencesOf(reported, { ...again, figures: numbersOf(again.figures, recomputed) }));
  if (problems.length > 0) throw contradiction(problems);
  return { evidence, report, recomputed, taken: names.filter((name) => !recomputed.includes(name)) };
}

/** What figures say, without the words around it. */
function numbersOf(figures: Figures, names: string[]) {
  const numbers = ({ value, n, interval }: Figure) => ({
    value,
    n,
    interval: interval && { lower: interval.lower, upper: interval.upper },
  });
  return Object.fromEntries(names.map((name) => [name, numbers(figures[name]!)]));
}

/** The suite that was given, when it and the policy given are those that the evidence names. */
async function readAsking(
  evidence: SignedEvidence,
  { policyPath, suitePath }: { policyPath?: string | undefined; suitePath?: string | undefined },
): Promise<PublishedSuite | undefined> {
  if (policyPath !== undefined) {
    const found = policyDigest(await readPolicy(policyPath));
    const details = { path: policyPath, found, expected: evidence.policyDigest };
    if (found !== evidence.policyDigest) throw validationError('VALIDATION_EVIDENCE_OTHER_POLICY', details);
  }
  if (suitePath === undefined) return undefined;
  const suite = await readSuite(suitePath);
  const details = { path: suitePath, found: suiteDigest(suite), expected: evidence.suiteDigest };
  if (details.found !== details.expected) throw validationError('VALIDATION_EVIDENCE_OTHER_SUITE', details);
  return publishSuite(suite);
}

async function readPart(dir: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(dir, file), 'utf8'));
  } catch {
    return undefined;
  }
}

function question({ metric, on, op, threshold }: AskedRule): string {
  return [metric, on, op, threshold].join(' ');
}

/** Long lists say nothing more: the first ten, and how many there are. */
function contradiction(problems: string[]) {
  const rest = problems.length > 10 ? [`and ${problems.length - 10} more`] : [];
  const list = [...problems.slice(0, 10), ...rest].map((problem) => `\n  ${problem}`).join('');
  return validationError('VALIDATION_EVIDENCE_CONTRADICTS', { problems: list });
}

function pathOf(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  const [first] = issues;
  return first ? `${first.path.join('.') || 'the file'}: ${first.message}` : '';
}
