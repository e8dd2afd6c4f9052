import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestJson } from 'durable-files';
import { z } from 'zod';
import type { Evidence } from './evidence';
import { type AskedRule, type GateRule, gateRuleShape, judgeRule, verdictOf } from './gate-rule';

/** What of report.json the rules rest on; the rest of it is for people. */
const reportShape = z.object({
  verdict: z.enum(['pass', 'fail']),
  model: z.object({ bundle: z.string() }),
  suite: z.object({ digest: z.string() }),
  policy: z.object({ digest: z.string() }),
  dataset: z.object({ digest: z.string() }),
  rules: z.array(gateRuleShape.loose()),
  figures: z.record(
    z.string(),
    z.object({
      value: z.number().nullable(),
      interval: z.object({ lower: z.number(), upper: z.number() }).nullable(),
    }),
  ),
  champion: z.unknown().refine((champion) => champion !== undefined, 'is missing'),
});
type EvidenceReport = z.infer<typeof reportShape>;

const askedShape = gateRuleShape.omit({ value: true, outcome: true });
const policyShape = z.looseObject({ rules: z.array(askedShape) });
const suiteShape = z.looseObject({ primary: askedShape });

/**
 * Judges evidence again from what lies beside it: every rule from the figures of report.json, the verdict from the
 * rules, and the rules from policy.json and suite.json. Gives what does not agree, in words; nothing when all of it does. The digests
 * and the signature are readEvidence's to check.
 */
export async function contradictionsOf(dir: string, evidence: Evidence): Promise<string[]> {
  const found: string[] = [];
  const report = await readPart(dir, 'report.json', reportShape, evidence, found);
  const policy = await readPart(dir, 'policy.json', policyShape, evidence, found);
  const suite = await readPart(dir, 'suite.json', suiteShape, evidence, found);
  if (report) found.push(...digestContradictions(report, evidence), ...ruleContradictions(report, evidence));
  if (policy) {
    if (digestJson(policy) !== evidence.policyDigest) found.push('policy.json is not the policy that was signed');
    found.push(...unasked(policy.rules, 'policy.json', evidence.rules));
  }
  if (suite) found.push(...unasked([suite.primary], 'suite.json', evidence.rules));
  const verdict = verdictOf(evidence.rules);
  if (evidence.verdict !== verdict) found.push(`the verdict is "${evidence.verdict}", its rules give "${verdict}"`);
  return found;
}

async function readPart<T>(
  dir: string,
  file: string,
  shape: z.ZodType<T>,
  { files }: Evidence,
  found: string[],
): Promise<T | undefined> {
  if (!Object.hasOwn(files, file)) {
    found.push(`${file} is missing`);
    return undefined;
  }
  try {
    return shape.parse(JSON.parse(await readFile(join(dir, file), 'utf8')));
  } catch {
    found.push(`${file} cannot be read`);
    return undefined;
  }
}

function digestContradictions(report: EvidenceReport, evidence: Evidence): string[] {
  const pairs = {
    bundle: [report.model.bundle, evidence.bundleDigest],
    suite: [report.suite.digest, evidence.suiteDigest],
    policy: [report.policy.digest, evidence.policyDigest],
    dataset: [report.dataset.digest, evidence.datasetDigest],
    verdict: [report.verdict, evidence.verdict],
  };
  return Object.entries(pairs)
    .filter(([, [reported, signed]]) => reported !== signed)
    .map(([what, [reported, signed]]) => `the ${what} is ${reported} in report.json and ${signed} in evidence.json`);
}

function ruleContradictions({ rules, figures, champion }: EvidenceReport, evidence: Evidence): string[] {
  const same = (a: GateRule | undefined, b: GateRule) => a !== undefined && text(a) === text(b);
  const found = evidence.rules.flatMap((rule) => {
    const judged = judgeRule(rule, { figures, champion: champion !== null });
    if (!judged) return [`rule "${rule.name}" asks for ${rule.metric}, which report.json does not have`];
    if (!same(judged, rule)) return [`rule "${rule.name}" is ${text(rule)}, the figures give ${text(judged)}`];
    return [];
  });
  if (rules.length !== evidence.rules.length || !rules.every((rule, i) => same(evidence.rules[i], rule))) {
    found.push('report.json lists other rules than evidence.json');
  }
  return found;
}

function unasked(asked: readonly AskedRule[], file: string, rules: readonly GateRule[]): string[] {
  const question = ({ name, metric, on, op, threshold }: AskedRule) =>
    JSON.stringify([name, metric, on, op, threshold]);
  const answered = new Set(rules.map(question));
  return asked
    .filter((rule) => !answered.has(question(rule)))
    .map(({ name }) => `rule "${name}" was not asked as it stands in ${file}`);
}

function text({ metric, on, value, op, threshold, outcome }: GateRule): string {
  return `${outcome} (${metric} ${on === 'point' ? '' : `${on} `}${value} ${op} ${threshold})`;
}
