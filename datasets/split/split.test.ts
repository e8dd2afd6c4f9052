import fc from 'fast-check';
import { type DatasetManifest, candidatesOf, holdoutDigest, patientKey, patientRefs } from '../manifest';
import { assertDisjoint, splitByPatient } from '.';

type Kinds = ('both' | 'nodules' | 'non-nodules' | 'nothing')[];
const kinds = fc.array(
  fc.constantFrom('both', 'nodules', 'non-nodules', 'nothing') satisfies fc.Arbitrary<Kinds[number]>,
  {
    maxLength: 30,
  },
);
const fractions = fc.record({
  validation: fc.double({ min: 0.05, max: 0.4, noNaN: true }),
  test: fc.double({ min: 0.05, max: 0.4, noNaN: true }),
});
const PARTS = ['train', 'validation', 'test'] as const;

test('a split has every patient on exactly one side, and nodules and non-nodules on each, wherever that is possible', () => {
  fc.assert(
    fc.property(kinds, fractions, fc.integer(), (patients, shares, seed) => {
      const manifest = manifestOf(patients);
      const count = (kind: Kinds[number]) => patients.filter((each) => each === kind).length;
      const possible = count('both') + Math.min(count('nodules'), count('non-nodules')) >= 3;
      if (!possible) {
        expect(() => splitByPatient(manifest, { seed, fractions: shares })).toThrow(/cannot be split/);
        return;
      }
      const split = splitByPatient(manifest, { seed, fractions: shares });
      assertDisjoint(split);
      expect([...split.train, ...split.validation, ...split.test].sort()).toEqual(
        patients.map((_, i) => `patient-${i}`).sort(),
      );
      for (const part of PARTS) {
        expect(new Set(candidatesOf(manifest, split[part]).map(({ label }) => label)).size).toBe(2);
      }
    }),
  );
});

test('the same seed gives the same split in whatever order the manifest is, another seed another', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const manifest = manifestOf(Array<'both'>(20).fill('both'));
      const options = { seed, fractions: { validation: 0.2, test: 0.2 } };
      const reversed = {
        ...manifest,
        series: manifest.series.toReversed(),
        candidates: manifest.candidates.toReversed(),
      };
      expect(splitByPatient(reversed, options)).toEqual(splitByPatient(manifest, options));
    }),
  );
  const digests = [1, 2, 3].map(
    (seed) =>
      splitByPatient(manifestOf(Array<'both'>(20).fill('both')), { seed, fractions: { validation: 0.2, test: 0.2 } })
        .digest,
  );
  expect(new Set(digests).size).toBe(3);
});

test('the shares hold among patients with nodules and among those without', () => {
  const manifest = manifestOf([...Array<'both'>(30).fill('both'), ...Array<'non-nodules'>(20).fill('non-nodules')]);
  const split = splitByPatient(manifest, { seed: 1, fractions: { validation: 0.2, test: 0.3 } });
  const withNodules = (ids: string[]) => ids.filter((id) => Number(id.replace('patient-', '')) < 30).length;
  expect(PARTS.map((part) => split[part].length)).toEqual([25, 10, 15]);
  expect(PARTS.map((part) => withNodules(split[part]))).toEqual([15, 6, 9]);
});

test('a part with share 0 stays empty', () => {
  const split = splitByPatient(manifestOf(['both', 'both', 'both']), {
    seed: 1,
    fractions: { validation: 0.3, test: 0 },
  });
  expect([split.train.length, split.validation.length, split.test.length]).toEqual([2, 1, 0]);
});

describe('with the holdout of a suite', () => {
  const manifest = manifestOf(Array<'both'>(12).fill('both'));
  const options = { seed: 5, fractions: { validation: 0.25, test: 0.25 } };

  test('the test part is exactly the holdout, and only the others are split', () => {
    const split = splitByPatient(manifest, { ...options, holdout: ['patient-3', 'patient-11'] });
    expect(split.test).toEqual(['patient-11', 'patient-3']);
    assertDisjoint(split);
    expect(split.train.length + split.validation.length).toBe(10);
    expect(split.validation).toHaveLength(3);
  });

  test('a holdout patient who is not in the dataset is refused without naming them', () => {
    const act = () => splitByPatient(manifest, { ...options, holdout: ['Mrs Somebody'] });
    expect(act).toThrow(expect.objectContaining({ code: 'SPLIT_UNKNOWN_PATIENT' }) as Error);
    expect(act).not.toThrow(/Somebody/);
  });

  test('the digest of a holdout stays when others join, and changes with one of its labels', () => {
    const holdout = ['patient-3', 'patient-11'];
    const digest = holdoutDigest(manifest, holdout);
    expect(holdoutDigest(manifestOf(Array<'both'>(15).fill('both')), holdout)).toBe(digest);
    expect(holdoutDigest(manifest, ['patient-3'])).not.toBe(digest);
    const candidates = manifest.candidates.map((candidate) =>
      candidate.seriesUid === 'series-3' ? { ...candidate, label: 1 as const } : candidate,
    );
    expect(holdoutDigest({ ...manifest, candidates }, holdout)).not.toBe(digest);
  });
});

test.each([
  { validation: 0.5, test: 0.5 },
  { validation: -0.1, test: 0.5 },
  { validation: Number.NaN, test: 0.1 },
])('fractions that leave nothing to train on are refused: %p', (bad) => {
  expect(() => splitByPatient(manifestOf(['both']), { seed: 1, fractions: bad })).toThrow(/not fractions/);
});

test('a patient on two sides is refused under the key, not the id', () => {
  const act = () => {
    assertDisjoint({ train: ['a', 'anna'], validation: ['b'], test: ['anna'] });
  };
  expect(act).toThrow(`${patientKey('anna')} is in train and in test`);
});

test('patients leave as keys with the digests of their series', () => {
  const manifest = manifestOf(['both', 'both']);
  const refs = patientRefs(manifest, ['patient-1', 'patient-0']);
  expect(JSON.stringify(refs)).not.toContain('patient-');
  expect(refs).toEqual(patientRefs(manifest, ['patient-0', 'patient-1']));
  expect(refs.find(({ patient }) => patient === patientKey('patient-1'))?.series).toEqual(['digest-1']);
});

function manifestOf(patients: Kinds): DatasetManifest {
  const candidate = (i: number, label: 0 | 1) => ({
    id: `digest-${i}-${label}`,
    seriesUid: `series-${i}`,
    xyz: [i, 0, 0] as const,
    label,
    diameterMm: label === 1 ? 6 : null,
  });
  return {
    name: 'made',
    labels: ['other', 'nodule'],
    digest: 'made',
    synthetic: true,
    series: patients.map((_, i) => ({
      seriesUid: `series-${i}`,
      patientId: `patient-${i}`,
      digest: `digest-${i}`,
      file: `${i}.mhd`,
      size: [1, 1, 1],
      spacingXyz: [1, 1, 1],
    })),
    annotations: [],
    candidates: patients.flatMap((kind, i) => [
      ...(kind === 'both' || kind === 'nodules' ? [candidate(i, 1)] : []),
      ...(kind === 'both' || kind === 'non-nodules' ? [candidate(i, 0)] : []),
    ]),
  };
}
