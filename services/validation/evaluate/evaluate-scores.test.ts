import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCodedError } from 'coded-error';
import { seededRandom } from 'seeded-random';
import { evaluateScores, explainEvaluation, type Evaluation } from '.';

const OPTIONS = { threshold: 0.5, specificity: 0.9, bins: 10, bootstrap: { resamples: 200, seed: 1 } };
const GOOD = 'id,label,score\na,1,0.9\nb,0,0.2\nc,1,0.6\nd,0,0.7\n';

async function evaluate(csv: string, options: Partial<Parameters<typeof evaluateScores>[1]> = {}): Promise<Evaluation> {
  const file = join(await mkdtemp(join(tmpdir(), 'scores-')), 'scores.csv');
  await writeFile(file, csv);
  return evaluateScores(file, { ...OPTIONS, ...options });
}

/** Code and message of the refusal. */
async function refusal(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    if (isCodedError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was not refused');
}

/** Forty cases of ten patients. */
function someCases(): string {
  const random = seededRandom(3);
  const rows = Array.from({ length: 40 }, (_, i) => {
    const label = Number(random.uniform() < 0.5);
    return `case ${i},${label},${(0.3 * label + 0.7 * random.uniform()).toFixed(3)},patient ${i % 10}`;
  });
  return `id,label,score,patient\n${rows.join('\n')}\n`;
}

describe('a file of labels and scores', () => {
  test('gives every figure of a validation, with its interval and what it is', async () => {
    const { figures, patients, cases } = await evaluate(someCases());
    expect([cases, patients]).toEqual([40, 10]);
    expect(Object.keys(figures)).toEqual(
      expect.arrayContaining(['auc', 'averagePrecision', 'partialAuc', 'ppv', 'npv', 'f1', 'mcc', 'balancedAccuracy']),
    );
    expect(Object.keys(figures)).toEqual(
      expect.arrayContaining([
        'ece',
        'eceEqualMass',
        'brier',
        'calibrationSlope',
        'calibrationIntercept',
        'netBenefit',
      ]),
    );
    for (const { value, interval, definition } of Object.values(figures)) {
      expect(definition).not.toBe('');
      expect(interval!.lower).toBeLessThanOrEqual(interval!.upper);
      expect(Number.isFinite(value)).toBe(true);
    }
  });

  test('gives the same twice, to the last digit', async () => {
    expect(JSON.stringify(await evaluate(someCases()))).toBe(JSON.stringify(await evaluate(someCases())));
  });

  test('may come from pandas: a byte order mark, Windows lines, 1.0 for 1, other columns and names', async () => {
    const file = '\uFEFFx,y_true,y_score\r\n7,1.0,0.9\r\n8,0.0,0.2\r\n9,1.0,6e-1\r\n9,0.0,0.7\r\n';
    const { figures, idsChecked } = await evaluate(file);
    expect(figures['auc']).toEqual((await evaluate(GOOD)).figures['auc']);
    expect(idsChecked).toBe(false);
    const named = GOOD.replace('id,label,score', 'uid,truth,p');
    const columns = { id: 'uid', label: 'truth', score: 'p' };
    expect((await evaluate(named, { columns })).figures).toEqual((await evaluate(GOOD)).figures);
  });

  test('says in its lines what it rests on, and what was not there to check', async () => {
    const lines = explainEvaluation(await evaluate('label,score\n1,0.9\n0,0.2\n1,0.6\n0,0.7\n')).join('\n');
    expect(lines).toContain('4 cases (2 of class 0, 2 of class 1)');
    expect(lines).toContain('each case was taken as independent');
    expect(lines).toContain('a case that stands twice would not be found');
  });

  test('with cases that define a figure badly shows it as not defined, and never as a number', async () => {
    const { figures } = await evaluate('label,score\n1,0.9\n0,0.2\n1,0.6\n0,0.1\n', { threshold: 1 });
    for (const name of ['ppv', 'mcc', 'calibrationSlope']) {
      expect(figures[name]).toMatchObject({ value: null, interval: null });
    }
  });

  test('of three classes is measured over all of them and each against the rest', async () => {
    const file =
      'label,probability_benign,probability_odd,probability_malignant\n' +
      'benign,0.7,0.2,0.1\nodd,0.2,0.5,0.3\nmalignant,0.1,0.1,0.8\nbenign,0.4,0.5,0.1\nodd,0.1,0.7,0.2\nmalignant,0.3,0.3,0.4\n';
    const { figures, multiclass, discrimination } = await evaluate(file);
    // Of the 24 comparisons within pairs of classes one is a tie.
    expect(figures['multiclass.auc']!.value).toBeCloseTo(23.5 / 24, 12);
    expect(figures['multiclass.accuracy']).toMatchObject({ value: 5 / 6, n: 6 });
    expect(multiclass!.confusion).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [0, 0, 2],
    ]);
    expect(discrimination).toBeNull();
  });
});

describe('is refused by name', () => {
  test.each([
    ['VALIDATION_LABEL_MISSING', 'line 3', GOOD.replace('b,0,', 'b,,')],
    ['VALIDATION_LABEL_UNKNOWN', 'line 3', GOOD.replace('b,0,', 'b,2,')],
    ['VALIDATION_LABEL_UNKNOWN', 'line 3', GOOD.replace('b,0,', 'b,NaN,')],
    ['VALIDATION_SCORE_MISSING', 'line 3', GOOD.replace('0.2', '')],
    ['VALIDATION_SCORE_NOT_FINITE', 'line 3', GOOD.replace('0.2', 'NaN')],
    ['VALIDATION_SCORE_NOT_FINITE', 'line 3', GOOD.replace('0.2', 'inf')],
    ['VALIDATION_SCORE_NOT_PROBABILITY', 'line 3', GOOD.replace('0.2', '-0.2')],
    ['VALIDATION_SCORE_NOT_PROBABILITY', 'line 3', GOOD.replace('0.2', '1.0000001')],
    ['VALIDATION_CASE_TWICE', 'lines 2 and 4', GOOD.replace('c,1', 'a,1')],
    ['VALIDATION_SCORES_COLUMN_MISSING', 'score', GOOD.replace('score', 'points')],
    ['VALIDATION_SCORES_UNREADABLE', 'line 3', GOOD.replace('b,0,0.2', 'b,0')],
    ['VALIDATION_SCORES_UNREADABLE', 'line 3', GOOD.replace('b,0', 'b"Jane Doe",0')],
    ['VALIDATION_SCORES_COLUMN_MISSING', 'label', ''],
    ['VALIDATION_NO_POSITIVES', '', 'label,score\n'],
    ['VALIDATION_NO_POSITIVES', '', 'label,score\n0,0.5\n'],
    ['VALIDATION_NO_NEGATIVES', '', 'label,score\n1,0.5\n1,0.4\n'],
    ['VALIDATION_PATIENT_MISSING', 'line 3', 'label,score,patient\n1,0.5,a\n0,0.4,\n'],
    ['VALIDATION_TOO_FEW_PATIENTS', '', 'label,score,patient\n1,0.5,a\n0,0.4,a\n'],
    ['VALIDATION_CLASS_UNKNOWN', 'line 2', 'label,probability_a,probability_b,probability_c\nd,0.1,0.2,0.7\n'],
    ['VALIDATION_CLASSES_NOT_ONE', '0.8', 'label,probability_a,probability_b,probability_c\na,0.1,0.2,0.5\n'],
  ])('%s (%s)', async (code, where, csv) => {
    const found = await refusal(evaluate(csv));
    expect(found.code).toBe(code);
    expect(found.message).toContain(where);
    expect(found.message).not.toContain('Jane Doe');
  });

  test('a file that is not there, and a folder', async () => {
    for (const file of ['/no/such/scores.csv', tmpdir()]) {
      expect(await refusal(evaluateScores(file, OPTIONS))).toMatchObject({ code: 'VALIDATION_SCORES_FILE_MISSING' });
    }
  });

  test('a column that was asked for and is not there, with those that are', async () => {
    const found = await refusal(evaluate(GOOD, { columns: { patient: 'PatientID' } }));
    expect(found).toMatchObject({ code: 'VALIDATION_SCORES_COLUMN_MISSING' });
    expect(found.message).toContain('PatientID');
  });
});
