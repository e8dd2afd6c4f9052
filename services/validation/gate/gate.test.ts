import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readSuite, type Rule, type Suite } from '../suite';
import {
  assertPolicyFits,
  explainPlan,
  judge,
  policyBeside,
  policyDigest,
  readPolicy,
  rulesOf,
  writePolicyFor,
  type Policy,
} from '.';
import { figuresOf } from './figure-catalogue';

const SHIPPED = join(__dirname, '..', '..', '..', 'configs');
const SHIPPED_SUITE = join(SHIPPED, 'suite', 'nodule-classifier.yaml');

let dir: string;
let suite: Suite;
let policy: Policy;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-'));
  suite = await readSuite(SHIPPED_SUITE);
  policy = await readPolicy(policyBeside(SHIPPED_SUITE));
});

const rule = (changes: Partial<Rule> = {}): Rule => ({
  name: 'a rule',
  metric: 'auc',
  on: 'point',
  op: '>=',
  threshold: 0.5,
  ...changes,
});
const policyOf = (...rules: Rule[]): Policy => ({ name: 'p', model: suite.model, rules });
const figure = (value: number | null) => ({ title: '', n: 1, of: '', definition: '', value, interval: null });

describe('the policy of a suite', () => {
  test('lies in gate/ for a suite in suite/, and beside any other', () => {
    expect(policyBeside(join('configs', 'suite', 'x.yaml'))).toBe(join('configs', 'gate', 'x.yaml'));
    expect(policyBeside(join('mine', 'liver-suite.yaml'))).toBe(join('mine', 'liver-suite.gate.yaml'));
    expect(policyBeside('liver-suite.yml')).toBe('liver-suite.gate.yaml');
  });

  test('that ships fits the suite that ships', () => {
    expect(() => {
      assertPolicyFits(suite, policy);
    }).not.toThrow();
  });

  test('has a digest that comments do not change and a threshold does', async () => {
    const text = await readFile(policyBeside(SHIPPED_SUITE), 'utf8');
    const digestOf = async (changed: string) => {
      await writeFile(join(dir, 'changed.yaml'), changed);
      return policyDigest(await readPolicy(join(dir, 'changed.yaml')));
    };
    expect(await digestOf(`# a remark\n${text}`)).toBe(policyDigest(policy));
    expect(await digestOf(text.replace('threshold: 0.88', 'threshold: 0.87'))).not.toBe(policyDigest(policy));
  });

  test.each([
    ['on: point', 'on: upper', /rules\.0\.on: must be the pessimistic bound/],
    ["op: '>='", "op: '>'", /rules\.0\.op/],
    ['threshold: 0.88', 'treshold: 0.88', /rules\.0\.threshold.*rules\.0: .*treshold/],
    ['discrimination is high', 'a score can be read as a probability', /rules: two rules have the same name/],
    ['step: minor', 'step: major', /changeControl\.modifications\.0\.step/],
  ])('with %p turned into %p is refused with the field by name', async (from, to, problem) => {
    const path = join(dir, 'wrong.yaml');
    await writeFile(path, (await readFile(policyBeside(SHIPPED_SUITE), 'utf8')).replace(from, to));
    await expect(readPolicy(path)).rejects.toMatchObject({ code: 'VALIDATION_POLICY_INVALID' });
    await expect(readPolicy(path)).rejects.toThrow(problem);
  });

  test('that is not there, or not YAML, is refused by name', async () => {
    await expect(readPolicy(join(dir, 'none.yaml'))).rejects.toMatchObject({ code: 'VALIDATION_POLICY_MISSING' });
    await writeFile(join(dir, 'broken.yaml'), 'name: [unclosed');
    await expect(readPolicy(join(dir, 'broken.yaml'))).rejects.toMatchObject({ code: 'VALIDATION_POLICY_INVALID' });
  });

  test('is copied for a suite of another model with its comments, and never over one that a person has', async () => {
    const templatePath = policyBeside(SHIPPED_SUITE);
    const policyPath = join(dir, 'liver.gate.yaml');
    const liver = { ...suite, name: 'liver', model: 'liver-classifier' };
    expect(await writePolicyFor(liver, { templatePath, policyPath })).toBe(true);
    const text = await readFile(policyPath, 'utf8');
    expect(text).toContain('# A rule is `metric op threshold`');
    expect(await readPolicy(policyPath)).toEqual({ ...policy, name: 'liver-classifier', model: 'liver-classifier' });

    const own = text.replace('threshold: 0.88', 'threshold: 0.7');
    await writeFile(policyPath, own);
    expect(await writePolicyFor(liver, { templatePath, policyPath })).toBe(false);
    expect(await readFile(policyPath, 'utf8')).toBe(own);
    await expect(writePolicyFor(suite, { templatePath, policyPath })).rejects.toMatchObject({
      code: 'VALIDATION_POLICY_OF_OTHER_MODEL',
    });
  });
});

describe('before anything is scored, the gate refuses', () => {
  const refusal = (asked: Suite, of: Policy) => {
    try {
      assertPolicyFits(asked, of);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test('a rule on a figure that does not exist, with the nearest that does', () => {
    expect(refusal(suite, policyOf(rule({ metric: 'sensitivty' })))).toMatchObject({
      code: 'VALIDATION_METRIC_UNKNOWN',
      message: expect.stringMatching(/rule "a rule" asks for sensitivty.*nearest are sensitivity, /) as string,
    });
  });

  test('a rule on a figure whose key the suite lacks, with that key', () => {
    const without = { ...suite, decision: undefined };
    expect(refusal(without, policyOf(rule({ metric: 'netBenefit' })))).toMatchObject({
      code: 'VALIDATION_METRIC_NOT_ASKED',
      message: expect.stringContaining('it has no key decision') as string,
    });
  });

  test('a secondary endpoint that nobody measures', () => {
    const asked = { ...suite, secondary: ['dice'] };
    expect(refusal(asked, policyOf())).toMatchObject({ code: 'VALIDATION_METRIC_UNKNOWN' });
  });

  test('two rules of one name, though one stands in the suite', () => {
    const twice = policyOf(rule({ name: suite.primary.name }));
    expect(refusal(suite, twice)).toMatchObject({ code: 'VALIDATION_RULE_TWICE' });
  });

  test('a policy for another model', () => {
    const other = { ...policyOf(), model: 'liver-classifier' };
    expect(refusal(suite, other)).toMatchObject({ code: 'VALIDATION_POLICY_OF_OTHER_MODEL' });
  });

  test('a change control plan that rests on a rule that is not there, with the nearest', () => {
    const plan = structuredClone(policy.changeControl!);
    plan.modifications[0]!.caughtBy = ['discrimination is hihg'];
    expect(refusal(suite, { ...policy, changeControl: plan })).toMatchObject({
      code: 'VALIDATION_PLAN_RULE_UNKNOWN',
      message: expect.stringContaining('the nearest is "discrimination is high"') as string,
    });
  });
});

describe('the verdict', () => {
  const perfect = () => {
    const names = Object.keys(figuresOf(suite));
    return Object.fromEntries(
      names.map((name) => [name, { ...figure(0.5), interval: { lower: 0.4, upper: 0.6, method: '' } }]),
    );
  };
  const lenient = () => ({
    ...suite,
    primary: rule({ name: 'primary' }),
    goldenCases: { tolerance: 1 },
    determinism: undefined,
    budget: undefined,
  });

  test('lists every rule with value and margin, each on its own bound', () => {
    const asked = policyOf(
      rule({ name: 'on the point', threshold: 0.45 }),
      rule({ name: 'on the lower bound', on: 'lower', threshold: 0.45 }),
      rule({ name: 'on the upper bound', on: 'upper', op: '<=', threshold: 0.65 }),
    );
    const { verdict, rules } = judge(lenient(), asked, { figures: perfect(), champion: false });
    expect(verdict).toBe('fail');
    expect(rules.slice(1, 4).map(({ value, outcome }) => [value, outcome])).toEqual([
      [0.5, 'pass'],
      [0.4, 'fail'],
      [0.6, 'pass'],
    ]);
    expect(rules.map(({ margin }) => margin!.toFixed(2))).toEqual(['0.00', '0.05', '-0.05', '0.05', '0.50']);
  });

  test('is not reached by a figure that the cases do not define', () => {
    const figures = { ...perfect(), auc: figure(null) };
    const { verdict, rules } = judge(lenient(), policyOf(), { figures, champion: false });
    expect(verdict).toBe('fail');
    expect(rules[0]).toMatchObject({ outcome: 'fail', value: null, margin: null, endpoint: 'primary' });
  });

  test('leaves a rule on the champion out, in sight, only while there is none', () => {
    const asked = policyOf(rule({ metric: 'champion.auc.difference', threshold: -0.05 }));
    const without = { ...perfect() };
    delete without['champion.auc.difference'];
    const first = judge(lenient(), asked, { figures: without, champion: false });
    expect(first).toMatchObject({ verdict: 'pass', rules: [{}, { outcome: 'not applicable', value: null }, {}] });
    expect(() => judge(lenient(), asked, { figures: without, champion: true })).toThrow(
      /asks for champion.auc.difference/,
    );
    const worse = { ...without, 'champion.auc.difference': figure(-0.1) };
    expect(judge(lenient(), asked, { figures: worse, champion: true }).verdict).toBe('fail');
  });
});

describe('the change control plan', () => {
  test('says every rule in a sentence, with its threshold', () => {
    const text = explainPlan(suite, policy).join('\n');
    for (const { name, threshold } of rulesOf(suite, policy).slice(1)) {
      expect(text).toMatch(new RegExp(`- ${name}: The .* is at (least|most) ${threshold}\\.`));
    }
    expect(text).toContain('Primary endpoint. The lower bound of the 95 % interval of the ROC AUC is at least 0.8.');
    expect(text).toContain('This is no regulatory advice.');
    for (const patient of suite.holdout.patients) expect(text).not.toContain(patient);
  });

  test('says what nobody wrote, instead of making it up', () => {
    const text = explainPlan(suite, policyOf()).join('\n');
    expect(text.match(/a person must write it/g)).toHaveLength(3);
  });

  test('keeps the plan of a policy through YAML', async () => {
    await writeFile(join(dir, 'again.yaml'), stringify(parse(await readFile(policyBeside(SHIPPED_SUITE), 'utf8'))));
    expect(policyDigest(await readPolicy(join(dir, 'again.yaml')))).toBe(policyDigest(policy));
  });
});
