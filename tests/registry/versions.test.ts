import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from 'durable-files';
import { type GateRule, readBundle } from 'model-bundle';
import { openRegistry, type Registry } from '../../registry';
import { MODEL, passingRule, trainedBundle } from './trained-bundle';

let root: string;
let registry: Registry;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'registry-'));
  registry = openRegistry(root, { who: 'ada' });
});
afterEach(() => {
  registry.close();
});

const trained = (changes?: Parameters<typeof trainedBundle>[1]) => trainedBundle(registry.keyDir, changes);
const otherData = (text: string) => ({
  weights: text,
  lineage: { dataset: { name: 'phantom', digest: sha256(text) } },
});

test('versions follow from what changed: contract, data, or neither', async () => {
  const first = await registry.register(await trained());
  expect(first).toMatchObject({ name: MODEL, version: '1.0.0', number: 1, runId: 'run1', aliases: [] });
  expect(await registry.register(await trained({ weights: 're-export' }))).toMatchObject({ version: '1.0.1' });
  expect(await registry.register(await trained(otherData('more')))).toMatchObject({ version: '1.1.0' });
  const relabelled = await trained({ ...otherData('more'), signature: { labels: ['benign', 'nodule'] } });
  expect(await registry.register(relabelled)).toMatchObject({ version: '2.0.0', number: 4 });
  expect((await registry.versions(MODEL)).map(({ version }) => version)).toEqual(['1.0.0', '1.0.1', '1.1.0', '2.0.0']);
  expect(await registry.verify()).toEqual([]);
});

test('a bump may be raised with a reason that stays in the history, and is never lowered', async () => {
  await registry.register(await trained());
  const next = await trained(otherData('more'));
  await expect(registry.register({ ...next, bump: 'patch' })).rejects.toMatchObject({ code: 'REGISTRY_BUMP_TOO_LOW' });
  expect(await registry.versions(MODEL)).toHaveLength(1);
  const raised = await registry.register({ ...next, bump: 'major', reason: 'new label protocol' });
  expect(raised.version).toBe('2.0.0');
  expect((await registry.history(MODEL)).at(-1)).toMatchObject({
    what: 'registered',
    who: 'ada',
    from: '1.0.0',
    to: '2.0.0',
    why: 'new label protocol (it was trained differently (data))',
  });
});

test('the same bundle and evidence again give the same version, also after others came', async () => {
  const one = await trained();
  const first = await registry.register(one);
  await registry.register(await trained(otherData('more')));
  expect(await registry.register(one)).toEqual(first);
  expect(await registry.versions(MODEL)).toHaveLength(2);
  expect(await registry.history()).toHaveLength(2);
});

const championRule = {
  name: 'not worse than the champion',
  metric: 'champion.auc.difference',
  on: 'lower',
  op: '>=',
  threshold: 0,
} as const;

const refusals: [string, string, Parameters<typeof trainedBundle>[1]][] = [
  ['a failed verdict', 'REGISTRY_GATE_FAILED', { verdict: 'fail' }],
  ['no rules at all', 'REGISTRY_GATE_FAILED', { rules: [] }],
  [
    'a rule that says it passed, with figures that say it did not',
    'REGISTRY_GATE_FAILED',
    { rules: [{ ...passingRule, value: 0.5 }] },
  ],
  ['a rule that failed', 'REGISTRY_GATE_FAILED', { rules: [{ ...passingRule, outcome: 'fail' }] }],
  ['evidence of another bundle', 'REGISTRY_EVIDENCE_OF_OTHER_BUNDLE', { bundleDigest: sha256('other') }],
];
test.each(refusals)('%s is refused and leaves nothing', async (_, code, changes) => {
  await expect(registry.register(await trained(changes))).rejects.toMatchObject({ code });
  expect(await registry.versions(MODEL)).toEqual([]);
  expect(await registry.history()).toEqual([]);
});

const contradictions: [string, string, Parameters<typeof trainedBundle>[1]][] = [
  [
    'a figure of the report that does not give the value of its rule',
    'rule "auc" is pass (auc 0.95 >= 0.9), the figures give fail (auc 0.7 >= 0.9)',
    { report: { figures: { auc: { value: 0.7, interval: null } } } },
  ],
  [
    'a rule on a figure that the report does not have',
    'rule "auc" asks for auc, which report.json does not have',
    { report: { figures: {} } },
  ],
  [
    'a rule of the policy that was left out',
    'rule "sensitivity" was not asked as it stands in policy.json',
    { asked: [passingRule, { ...passingRule, name: 'sensitivity', metric: 'sensitivity' }] },
  ],
  [
    'a rule asked more gently than the policy says',
    'rule "auc" was not asked as it stands in policy.json',
    { asked: [{ ...passingRule, threshold: 0.99 }] },
  ],
  [
    'a rule said to be not applicable though there was a champion',
    'the figures give pass (champion.auc.difference lower 0.1 >= 0)',
    {
      rules: [passingRule, { ...championRule, outcome: 'not applicable', value: null }],
      report: {
        champion: {},
        figures: {
          auc: { value: 0.95, interval: null },
          'champion.auc.difference': { value: 0.2, interval: { lower: 0.1, upper: 0.3 } },
        },
      },
    },
  ],
  [
    'a report of another dataset',
    'the dataset is other in report.json and sha256:',
    { report: { dataset: { digest: 'other' } } },
  ],
  ['a report that says it failed', 'the verdict is fail in report.json and pass', { report: { verdict: 'fail' } }],
  ['a report that cannot be read', 'report.json cannot be read', { report: { figures: 'none' } }],
];
test.each(contradictions)('%s is refused, and said', async (_, message, changes) => {
  const registering = registry.register(await trained(changes));
  await expect(registering).rejects.toMatchObject({ code: 'REGISTRY_EVIDENCE_CONTRADICTS' });
  await expect(registering).rejects.toThrow(message);
  expect(await registry.versions(MODEL)).toEqual([]);
});

test('a rule on the champion that was not applicable stands in no one’s way', async () => {
  const rules: GateRule[] = [passingRule, { ...championRule, outcome: 'not applicable', value: null }];
  await expect(registry.register(await trained({ rules }))).resolves.toMatchObject({ version: '1.0.0' });
});

test('once something serves, a model that was not compared with it gets no version', async () => {
  const rules: GateRule[] = [passingRule, { ...championRule, outcome: 'not applicable', value: null }];
  const first = await trained({ rules });
  await registry.register(first);
  await registry.setAlias(MODEL, 'champion', '1.0.0', 'first');
  await expect(registry.register(await trained({ weights: 'other', rules }))).rejects.toMatchObject({
    code: 'REGISTRY_CHAMPION_NOT_COMPARED',
    message: `${MODEL}@1.0.0 serves now, and the evidence never compared with it: not worse than the champion`,
  });
  await expect(registry.register(first)).resolves.toMatchObject({ version: '1.0.0' });
});

test('the failed rules are listed', async () => {
  const rules: GateRule[] = [passingRule, { ...passingRule, name: 'sensitivity', value: 0.5, outcome: 'fail' }];
  await expect(registry.register(await trained({ rules, verdict: 'fail' }))).rejects.toThrow(
    'The gate did not pass this bundle: sensitivity (0.5 >= 0.9 does not hold)',
  );
});

test('evidence of a gate that is not trusted, or changed since, is refused', async () => {
  await trained(); // makes the trusted key
  const strange = await trainedBundle(join(root, 'other-keys'));
  await expect(registry.register(strange)).rejects.toMatchObject({ code: 'EVIDENCE_SIGNATURE_INVALID' });
  const changed = await trained();
  await writeFile(join(changed.evidenceDir, 'report.json'), '{"auc":1}');
  await expect(registry.register(changed)).rejects.toMatchObject({ code: 'EVIDENCE_DIGEST_MISMATCH' });
  const damaged = await trained();
  await writeFile(damaged.bundle.path('model.onnx'), 'other');
  await expect(registry.register(damaged)).rejects.toMatchObject({ code: 'BUNDLE_DIGEST_MISMATCH' });
  await expect(registry.register({ ...(await trained()), name: 'other-model' })).rejects.toMatchObject({
    code: 'REGISTRY_NAME_MISMATCH',
  });
});

test('a version is found by number, range and alias, and its bundle comes back byte for byte', async () => {
  const one = await trained();
  await registry.register(one);
  await registry.register(await trained(otherData('more')));
  await registry.register(await trained({ signature: { labels: ['benign', 'nodule'] } }));
  await registry.setAlias(MODEL, 'champion', '1.0.0', 'first to pass');
  const found = await Promise.all(
    ['1.0.0', '^1', '~1.0', '*', 'champion'].map((one) => registry.find(`${MODEL}@${one}`)),
  );
  expect(found.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0', '1.0.0', '2.0.0', '1.0.0']);
  const { bundleDir, aliases } = await registry.resolve(`${MODEL}@champion`);
  expect(aliases).toEqual(['champion']);
  expect((await readBundle(bundleDir)).digest).toBe(one.bundle.digest);
  for (const name of Object.keys(one.bundle.files)) {
    expect(await readFile(join(bundleDir, name))).toEqual(await readFile(one.bundle.path(name)));
  }
});

test.each(['9.9.9', '^3', 'shadow', '#7'])(
  'a version that is not there (%s) is answered with those that are',
  async (wanted) => {
    await registry.register(await trained());
    await expect(registry.resolve(`${MODEL}@${wanted}`)).rejects.toThrow(`has no version ${wanted} (it has: 1.0.0)`);
  },
);

test('what is no name of a version is refused', async () => {
  for (const spec of [MODEL, '@1', `${MODEL}@`, '../x@1']) {
    await expect(registry.find(spec)).rejects.toMatchObject({ code: 'REGISTRY_SPEC' });
  }
});

test('a bundle that was damaged in the cache is made again', async () => {
  await registry.register(await trained());
  const { bundleDir } = await registry.resolve(`${MODEL}@1.0.0`);
  await writeFile(join(bundleDir, 'model.onnx'), 'damaged');
  await writeFile(join(bundleDir, 'added'), '');
  await registry.resolve(`${MODEL}@1.0.0`);
  expect(await readFile(join(bundleDir, 'model.onnx'), 'utf8')).toBe('weights');
  await expect(readBundle(bundleDir)).resolves.toBeDefined();
});

test('promotion and rollback move the champion, each with its row in the history', async () => {
  for (const text of ['a', 'b', 'c']) await registry.register(await trained(otherData(text)));
  await expect(registry.rollback(MODEL, 'why not')).rejects.toMatchObject({ code: 'REGISTRY_NOTHING_BEFORE' });
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await registry.setAlias(MODEL, 'champion', version, 'better');
  await registry.setAlias(MODEL, 'champion', '1.2.0', 'again'); // changes nothing
  expect(await registry.rollback(MODEL, 'drops calls')).toMatchObject({ version: '1.1.0', aliases: ['champion'] });
  expect(await registry.rollback(MODEL, 'this one too')).toMatchObject({ version: '1.0.0' });
  await registry.setAlias(MODEL, 'champion', '1.2.0', 'fixed the caller');
  expect(await registry.rollback(MODEL, 'no')).toMatchObject({ version: '1.0.0' });
  const moves = (await registry.history(MODEL)).filter(({ alias }) => alias === 'champion');
  expect(moves.map(({ what, from, to, why }) => [what, from, to, why])).toEqual([
    ['alias-set', null, '1.0.0', 'better'],
    ['alias-set', '1.0.0', '1.1.0', 'better'],
    ['alias-set', '1.1.0', '1.2.0', 'better'],
    ['alias-rolled-back', '1.2.0', '1.1.0', 'drops calls'],
    ['alias-rolled-back', '1.1.0', '1.0.0', 'this one too'],
    ['alias-set', '1.0.0', '1.2.0', 'fixed the caller'],
    ['alias-rolled-back', '1.2.0', '1.0.0', 'no'],
  ]);
  expect(await registry.verify()).toEqual([]);
});

test('an alias can be removed, and nothing that reads as a version can be one', async () => {
  await registry.register(await trained());
  await registry.setAlias(MODEL, 'shadow', '1.0.0', 'compare');
  await registry.removeAlias(MODEL, 'shadow', 'done');
  expect((await registry.find(`${MODEL}@1.0.0`)).aliases).toEqual([]);
  for (const alias of ['latest', 'v1', '1', 'x', 'a.b', '', 'a b']) {
    await expect(registry.setAlias(MODEL, alias, '1.0.0', 'no')).rejects.toMatchObject({ code: 'REGISTRY_ALIAS_NAME' });
  }
  expect(await registry.verify()).toEqual([]);
});
