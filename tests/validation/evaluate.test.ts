import { spawnSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evaluation } from '../../services/validation';
import { lungate } from '../e2e/lungate';
import { describeWithPython } from '../present';

/** Writes scores as a Python user would, with pandas, and says what scikit-learn makes of them. */
const PYTHON = `
import json, sys
import numpy, pandas
from sklearn import metrics
r = numpy.random.default_rng(7)
n = 300
label = (r.random(n) < 0.3).astype(int)
score = (1 / (1 + numpy.exp(-(2 * label - 1 + r.normal(size=n))))).round(3)
frame = pandas.DataFrame({"id": range(n), "y_true": label, "y_score": score, "patient": ["p%d" % (i % 25) for i in range(n)]})
frame.to_csv(sys.argv[1], index=False)
called = score >= 0.4
json.dump({
    "auc": metrics.roc_auc_score(label, score),
    "partialAuc": metrics.roc_auc_score(label, score, max_fpr=0.1),
    "averagePrecision": metrics.average_precision_score(label, score),
    "sensitivity": metrics.recall_score(label, called),
    "specificity": metrics.recall_score(1 - label, ~called),
    "ppv": metrics.precision_score(label, called),
    "npv": metrics.precision_score(1 - label, ~called),
    "accuracy": metrics.accuracy_score(label, called),
    "balancedAccuracy": metrics.balanced_accuracy_score(label, called),
    "f1": metrics.f1_score(label, called),
    "mcc": metrics.matthews_corrcoef(label, called),
    "brier": metrics.brier_score_loss(label, score),
}, sys.stdout)
`;

describeWithPython(['sklearn', 'pandas'], 'lungate evaluate', (python) => {
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'evaluate-'));
  });

  test('gives for a file of pandas the figures of scikit-learn, with intervals', async () => {
    const file = join(dir, 'scores.csv');
    const { stdout, stderr, status } = spawnSync(python, ['-c', PYTHON, file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const expected = JSON.parse(stdout) as Record<string, number>;
    const run = await lungate(dir, 'evaluate', file, '--threshold', '0.4', '--json');
    expect(run.code).toBe(0);
    const { figures, patients } = JSON.parse(run.stdout) as Evaluation;
    expect(patients).toBe(25);
    for (const [name, value] of Object.entries(expected)) {
      expect({ name, near: Math.abs(figures[name]!.value! - value) < 1e-9 }).toEqual({ name, near: true });
      expect(figures[name]!.interval!.lower).toBeLessThan(figures[name]!.interval!.upper);
    }
  });

  test('refuses a file with a gap by line and name, without a figure', async () => {
    const file = join(dir, 'gap.csv');
    await writeFile(file, 'id,label,score\na,1,0.9\nb,0,\n');
    const { code, stdout, stderr } = await lungate(dir, 'evaluate', file);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('VALIDATION_SCORE_MISSING: gap.csv, line 3: the score is missing');
  });
});
