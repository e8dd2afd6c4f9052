import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureGateKey, readEvidence, writeEvidence, type Evidence, type GateKey } from 'model-bundle';
import { openRegistry } from '../../registry';
import { checkEvidence, policyBeside, validate, type Policy, type Report } from '../../services/validation';
import { repoRoot } from '../present';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset } from './world';

let world: string;
let suitePath: string;
let key: GateKey;
let passing: string;
let failing: string;

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'tampering-'));
  const keyDir = join(world, 'registry', 'keys');
  key = await ensureGateKey(keyDir);
  const dataset = await writeTinyDataset(join(world, 'data'));
  const split = splitTinyDataset(dataset);
  suitePath = join(world, 'suite.yaml');
  await freezeTinySuite(dataset, suitePath);
  // Fewer resamples: every edit is measured again.
  await writeFile(suitePath, (await readFile(suitePath, 'utf8')).replace('resamples: 2000', 'resamples: 200'));
  const evidenceOf = async (name: string, gain: number) => {
    const [bundleDir, evidenceDir] = [join(world, `${name}-bundle`), join(world, name)];
    await writeTinyBundle(bundleDir, dataset, split, { gain });
    await validate({ bundleDir, suitePath, dataset, split, evidenceDir, keyDir });
    return evidenceDir;
  };
  passing = await evidenceOf('passing', 1.2);
  failing = await evidenceOf('failing', -1.2);
});
afterAll(() => rm(world, { recursive: true, force: true }));

let copies = 0;
async function copyOf(dir: string): Promise<string> {
  const copy = join(world, `copy-${++copies}`);
  await cp(dir, copy, { recursive: true });
  return copy;
}

const check = (dir: string, given: { policyPath?: string; suitePath?: string } = {}) =>
  checkEvidence(dir, { publicKeyPem: key.publicKeyPem, ...given });

/** The registry of the gate that signed; it must refuse whatever a check refuses for the rules' sake. */
async function register(evidenceDir: string) {
  const registry = openRegistry(join(world, 'registry'));
  try {
    const bundleDir = join(world, 'passing-bundle');
    return await registry.register({ name: 'nodule-classifier', bundleDir, evidenceDir, runId: 'run' });
  } finally {
    registry.close();
  }
}

describe('evidence as it was signed', () => {
  test('holds: every figure of labels and scores comes out of scores.csv again, to 1e-9', async () => {
    const { evidence, recomputed, taken, report } = await check(passing, {
      policyPath: policyBeside(suitePath),
      suitePath,
    });
    expect(evidence.verdict).toBe('pass');
    expect(recomputed).toEqual(
      expect.arrayContaining(['auc', 'sensitivity', 'specificity', 'brier', 'ece', 'averagePrecision']),
    );
    expect(taken).toContain('goldenCaseDifference');
    expect([...recomputed, ...taken].sort()).toEqual(Object.keys(report.figures).sort());
  });

  test('holds for a model that failed, which it says', async () => {
    expect((await check(failing)).evidence.verdict).toBe('fail');
  });

  test('judged by another policy or suite is told apart from the one given', async () => {
    const policyPath = join(world, 'other.gate.yaml');
    const text = await readFile(policyBeside(suitePath), 'utf8');
    await writeFile(policyPath, text.replace('threshold: 0.88', 'threshold: 0.9'));
    await expect(check(passing, { policyPath })).rejects.toMatchObject({ code: 'VALIDATION_EVIDENCE_OTHER_POLICY' });
    const other = join(world, 'other.yaml');
    await writeFile(other, (await readFile(suitePath, 'utf8')).replace('threshold: 0.8', 'threshold: 0.7'));
    await expect(check(passing, { suitePath: other })).rejects.toMatchObject({
      code: 'VALIDATION_EVIDENCE_OTHER_SUITE',
    });
  });
});

describe('without the key of the gate', () => {
  const edits: [string, string, (text: string) => string, string][] = [
    [
      'a figure of the report',
      'report.json',
      (text) => text.replace(/"value": 0\.99\d+/, '"value": 1'),
      'EVIDENCE_DIGEST_MISMATCH',
    ],
    [
      'the verdict in the report',
      'report.json',
      (text) => text.replace('"verdict": "pass"', '"verdict": "fail"'),
      'EVIDENCE_DIGEST_MISMATCH',
    ],
    ['a case’s score', 'scores.csv', (text) => text.replace(/,0\.\d+\n/, ',0.5\n'), 'EVIDENCE_DIGEST_MISMATCH'],
    ['a threshold of the policy', 'policy.json', (text) => text.replace('0.88', '0.5'), 'EVIDENCE_DIGEST_MISMATCH'],
    [
      'the primary criterion',
      'suite.json',
      (text) => text.replace('"threshold": 0.8', '"threshold": 0.1'),
      'EVIDENCE_DIGEST_MISMATCH',
    ],
    ['the page for people', 'report.html', (text) => text.replace('PASS', 'BEST'), 'EVIDENCE_DIGEST_MISMATCH'],
    [
      'a rule',
      'evidence.json',
      (text) => text.replace('"threshold": 0.88', '"threshold": 0.5'),
      'EVIDENCE_SIGNATURE_INVALID',
    ],
    [
      'the digest of the policy',
      'evidence.json',
      (text) => text.replace(/("policyDigest": "sha256:)./, '$1f'),
      'EVIDENCE_SIGNATURE_INVALID',
    ],
    [
      'the bundle that it is about',
      'evidence.json',
      (text) => text.replace(/("bundleDigest": "sha256:)..../, '$1ffff'),
      'EVIDENCE_SIGNATURE_INVALID',
    ],
    ['the end of the evidence', 'evidence.json', (text) => text.slice(0, -20), 'EVIDENCE_MALFORMED'],
  ];
  test.each(edits)('%s cannot be changed in %s', async (_, file, change, code) => {
    const dir = await copyOf(passing);
    const text = await readFile(join(dir, file), 'utf8');
    expect(change(text)).not.toBe(text);
    await writeFile(join(dir, file), change(text));
    await expect(check(dir)).rejects.toMatchObject({ code });
    await expect(register(dir)).rejects.toMatchObject({ code });
  });

  test('no file can be taken away or added', async () => {
    const [less, more] = [await copyOf(passing), await copyOf(passing)];
    await rm(join(less, 'scores.csv'));
    await expect(check(less)).rejects.toMatchObject({ code: 'EVIDENCE_FILE_MISSING' });
    await writeFile(join(more, 'note.txt'), 'all good');
    await expect(check(more)).rejects.toMatchObject({ code: 'EVIDENCE_FILE_UNKNOWN' });
  });

  test('no gate but the one that is trusted can sign', async () => {
    const strange = await ensureGateKey(join(world, 'strange'));
    const dir = await signAgain(passing, {}, strange.privateKeyPem);
    await expect(check(dir)).rejects.toMatchObject({ code: 'EVIDENCE_SIGNATURE_INVALID' });
  });
});

interface Parts {
  report: Report;
  policy: Policy;
  suite: { primary: { threshold: number } };
  scores: string;
  evidence: Evidence;
}

/** Signs evidence again after a change, as only the holder of the key can; digests of files follow. */
async function signAgain(
  from: string,
  { change, ...texts }: { change?: (parts: Parts) => void; [file: string]: unknown },
  privateKeyPem = key.privateKeyPem,
): Promise<string> {
  const { bundleDigest, suiteDigest, policyDigest, datasetDigest, verdict, rules, files } = await readEvidence(from);
  const contents: Record<string, string> = {};
  for (const file of Object.keys(files)) contents[file] = await readFile(join(from, file), 'utf8');
  const parts: Parts = {
    report: JSON.parse(contents['report.json']!) as Report,
    policy: JSON.parse(contents['policy.json']!) as Policy,
    suite: JSON.parse(contents['suite.json']!) as Parts['suite'],
    scores: contents['scores.csv']!,
    evidence: { bundleDigest, suiteDigest, policyDigest, datasetDigest, verdict, rules, files },
  };
  change?.(parts);
  const changed = {
    ...contents,
    'report.json': JSON.stringify(parts.report),
    'policy.json': JSON.stringify(parts.policy),
    'suite.json': JSON.stringify(parts.suite),
    'scores.csv': parts.scores,
    ...(texts as Record<string, string>),
  };
  const dir = join(world, `signed-${++copies}`);
  await writeEvidence(dir, parts.evidence, changed, privateKeyPem);
  return dir;
}

describe('even with the key of the gate', () => {
  const rulesOf = ({ report, evidence }: Parts) => [...report.rules, ...evidence.rules];
  const edits: [string, (parts: Parts) => void, RegExp, 'rules' | 'scores'][] = [
    [
      'a figure that the scores do not give is found',
      ({ report }) => (report.figures['averagePrecision']!.value! -= 1e-6),
      /figures\.averagePrecision\.value is .* in report\.json, scores\.csv gives/,
      'scores',
    ],
    [
      'a bound of an interval that the scores do not give is found',
      ({ report }) => (report.figures['brier']!.interval!.upper -= 1e-6),
      /figures\.brier\.interval\.upper is/,
      'scores',
    ],
    [
      'a point of the ROC curve that was moved is found',
      ({ report }) => (report.discrimination.roc[1]!.truePositiveRate = 1),
      /discrimination\.roc\.1\.truePositiveRate is 1 in report\.json/,
      'scores',
    ],
    [
      'a score that was changed is found',
      (parts) => (parts.scores = parts.scores.replace(/,0\.\d+\n/, ',0.123456789\n')),
      /scores\.csv gives/,
      'scores',
    ],
    [
      'a score that is none is found',
      (parts) => (parts.scores = parts.scores.replace(/,0\.\d+\n/, ',NaN\n')),
      /scores\.csv cannot be measured: case 0 has the score NaN/,
      'scores',
    ],
    [
      'a case that was left out is found',
      (parts) => (parts.scores = parts.scores.replace(/\n[^\n]+\n$/, '\n')),
      /holdout\.candidates is 80 in report\.json, scores\.csv gives 79/,
      'scores',
    ],
    [
      'a figure that was made to pass, with the value of its rule, is found',
      (parts) => {
        parts.report.figures['ece']!.value = 0;
        for (const rule of rulesOf(parts)) if (rule.metric === 'ece') rule.value = 0;
      },
      /figures\.ece\.value is 0 in report\.json/,
      'scores',
    ],
    [
      'a value of a rule that is not its figure is found',
      (parts) => {
        for (const rule of rulesOf(parts)) if (rule.metric === 'ece') rule.value = 0;
      },
      /rule "a score can be read as a probability" is pass \(ece 0 <= 0\.25\), the figures give/,
      'rules',
    ],
    [
      'a rule that was left out is found',
      ({ report, evidence }) => {
        report.rules = report.rules.filter(({ metric }) => metric !== 'ece');
        evidence.rules = evidence.rules.filter(({ metric }) => metric !== 'ece');
      },
      /rule "a score can be read as a probability" was not asked as it stands in policy\.json/,
      'rules',
    ],
    [
      'a threshold that was lowered in the rules is found',
      (parts) => {
        for (const rule of rulesOf(parts)) if (rule.threshold === 0.88) rule.threshold = 0.5;
      },
      /rule "discrimination is high" was not asked as it stands in policy\.json/,
      'rules',
    ],
    [
      'a threshold that was lowered in the rules and in the policy is found',
      (parts) => {
        for (const rule of [...rulesOf(parts), ...parts.policy.rules])
          if (rule.threshold === 0.88) rule.threshold = 0.5;
      },
      /policy\.json is not the policy that was signed/,
      'rules',
    ],
    [
      'a primary criterion that was lowered in the rules is found',
      (parts) => {
        for (const rule of rulesOf(parts)) if (rule.threshold === 0.8) rule.threshold = 0.5;
      },
      /rule "nodules are told from false candidates" was not asked as it stands in suite\.json/,
      'rules',
    ],
    [
      'a tolerance for golden cases that was raised is found',
      (parts) => {
        for (const rule of rulesOf(parts)) if (rule.metric === 'goldenCaseDifference') rule.threshold = 1;
      },
      /rule "golden cases give the same answer" was not asked as suite\.json has it/,
      'scores',
    ],
    [
      'a report of other data is found',
      ({ report }) => (report.dataset.digest = report.suite.digest),
      /the dataset is sha256:\w+ in report\.json and sha256/,
      'rules',
    ],
  ];
  test.each(edits)('%s', async (_, change, message, found) => {
    const dir = await signAgain(passing, { change });
    await expect(check(dir)).rejects.toMatchObject({
      code: 'VALIDATION_EVIDENCE_CONTRADICTS',
      message: expect.stringMatching(message) as string,
    });
    // The registry has no statistics: what follows from rules and figures it finds, what follows from scores a check does.
    if (found === 'rules') await expect(register(dir)).rejects.toMatchObject({ code: 'REGISTRY_EVIDENCE_CONTRADICTS' });
  });

  test('a failed verdict that was turned into a pass is found, by a check and by the registry', async () => {
    const dir = await signAgain(failing, {
      change: (parts) => {
        parts.report.verdict = parts.evidence.verdict = 'pass';
        for (const rule of rulesOf(parts)) rule.outcome = 'pass';
        parts.evidence.bundleDigest = parts.report.model.bundle;
      },
    });
    await expect(check(dir)).rejects.toThrow(/rule "nodules are told from false candidates" is pass/);
    await expect(register(dir)).rejects.toMatchObject({ code: expect.stringMatching(/^REGISTRY_/) as string });
  });

  test('a report that is no report is named', async () => {
    await expect(check(await signAgain(passing, { 'report.json': '{}' }))).rejects.toThrow(
      /report\.json cannot be read/,
    );
  });
});

test('lungate gate check ends with 0 for a pass, 3 for a fail, 1 for what does not hold, and writes a summary', async () => {
  const summary = join(world, 'summary.md');
  const run = (dir: string, ...args: string[]) => {
    const command = [join(repoRoot, 'bin', 'lungate.mjs'), 'gate', 'check', dir, `root=${world}`, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', cwd: world });
    return { status, stdout, stderr };
  };
  const pass = run(passing, '--summary', summary);
  expect(pass).toMatchObject({ status: 0, stderr: '' });
  expect(pass.stdout).toMatch(/figures +\d+ computed again from scores\.csv: equal to 1e-9/);
  expect(pass.stdout).toMatch(/\nPASS: all \d+ rules hold/);
  expect(run(failing).status).toBe(3);
  const damaged = await copyOf(passing);
  await writeFile(join(damaged, 'report.json'), '{}');
  expect(run(damaged, '--summary', summary)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^EVIDENCE_DIGEST_MISMATCH: report\.json/) as string,
  });
  const text = await readFile(summary, 'utf8');
  expect(text).toMatch(/^### ✅ nodule-classifier: PASS: all \d+ rules hold/);
  expect(text).toContain('> PHANTOM DATA');
  expect(text).toContain('### ❌ Refused before a verdict: `EVIDENCE_DIGEST_MISMATCH`');
});
