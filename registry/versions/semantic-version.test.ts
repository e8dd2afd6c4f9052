import { deriveBump, nextVersion, type Provenance } from './semantic-version';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const before: Provenance = {
  signature: {
    name: 'nodule-classifier',
    task: 'classification',
    inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, 1, 32, 48, 48] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
    labels: ['non-nodule', 'nodule'],
    positiveLabel: 'nodule',
    preprocessing: { patchSize: [32, 48, 48], unit: 'HU', clip: [-1000, 1000], padding: -1000, resampleMm: null },
  },
  lineage: {
    git: { commit: 'a', dirty: false },
    dataset: { name: 'd', digest: digest('1') },
    split: { digest: digest('2'), train: [], validation: [] },
    configDigest: digest('3'),
    image: null,
    seed: 1,
    engine: { name: 'onnx', version: '1', precision: 'float32' },
  },
};

const changes: [string, string, (after: Provenance) => void][] = [
  ['nothing', 'patch', () => undefined],
  ['the commit', 'patch', ({ lineage }) => (lineage.git = { commit: 'b', dirty: true })],
  ['the engine', 'patch', ({ lineage }) => (lineage.engine.version = '2')],
  ['the image', 'patch', ({ lineage }) => (lineage.image = 'x')],
  [
    'the temperature',
    'patch',
    ({ lineage }) => (lineage.calibration = { method: 'temperature', temperature: 2, cases: 9 }),
  ],
  ['the data', 'minor', ({ lineage }) => (lineage.dataset.digest = digest('9'))],
  ['the name of the same data', 'patch', ({ lineage }) => (lineage.dataset.name = 'e')],
  ['the split', 'minor', ({ lineage }) => (lineage.split.digest = digest('9'))],
  ['the recipe', 'minor', ({ lineage }) => (lineage.configDigest = digest('9'))],
  ['an input', 'major', ({ signature }) => signature.inputs[0]!.shape.push(1)],
  ['an output', 'major', ({ signature }) => (signature.outputs[0]!.name = 'p')],
  ['the order of labels', 'major', ({ signature }) => signature.labels.reverse()],
  ['the positive label', 'major', ({ signature }) => (signature.positiveLabel = 'non-nodule')],
  ['the clipping', 'major', ({ signature }) => (signature.preprocessing.clip = [-1000, 400])],
  ['the spacing', 'major', ({ signature }) => (signature.preprocessing.resampleMm = 1)],
];

test.each(changes)('a change of %s is %s', (_, bump, change) => {
  const after = structuredClone(before);
  change(after);
  expect(deriveBump(before, after).bump).toBe(bump);
});

test('a recalibration says so, and from which temperature to which', () => {
  const calibrated = structuredClone(before);
  calibrated.lineage.calibration = { method: 'temperature', temperature: 1.7, cases: 120 };
  const reason = (temperatures: string) =>
    `it was recalibrated (temperature ${temperatures}); data and recipe are the same`;
  expect(deriveBump(before, calibrated)).toEqual({ bump: 'patch', reason: reason('1 → 1.7') });
  expect(deriveBump(calibrated, before)).toEqual({ bump: 'patch', reason: reason('1.7 → 1') });
  calibrated.lineage.configDigest = digest('9');
  expect(deriveBump(before, calibrated).bump).toBe('minor');
});

test('a change of contract outweighs a change of data', () => {
  const after = structuredClone(before);
  after.lineage.dataset.digest = digest('9');
  after.signature.labels = ['a', 'nodule'];
  expect(deriveBump(before, after)).toEqual({ bump: 'major', reason: 'the contract changed (labels)' });
});

test('a person may raise the step and never lower it', () => {
  const minor = { bump: 'minor', reason: 'it was trained differently (data)' } as const;
  expect(nextVersion('1.2.3', minor)).toBe('1.3.0');
  expect(nextVersion('1.2.3', minor, 'minor')).toBe('1.3.0');
  expect(nextVersion('1.2.3', minor, 'major')).toBe('2.0.0');
  expect(() => nextVersion('1.2.3', minor, 'patch')).toThrow(
    'A patch bump was asked for, but it was trained differently (data), which needs minor',
  );
});
