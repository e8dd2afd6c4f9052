import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCodedError } from 'coded-error';
import { writeBundle, type Bundle, type Signature } from 'model-bundle';
import { validate } from '../../services/validation';
import { checkBundle } from '../../services/validation/bundle-checks';
import { describeWithPython } from '../present';
import { sampleLineage, sampleSignature } from '../serving/sample-bundle';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset } from './world';

interface MadeModel {
  file: string;
  /** The code that it must be refused by; null for a sound one. */
  refusal: string | null;
  /** What the refusal must name. */
  named: string | null;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-checks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sample = sampleSignature('patch');
const signature: Signature = {
  ...sample,
  inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, 1, 2, 4, 4] }],
  outputs: sample.outputs.filter(({ name }) => name === 'probabilities'),
  preprocessing: { ...sample.preprocessing, patchSize: [2, 4, 4] },
};

async function bundleOf(file: string): Promise<Bundle> {
  const model = await readFile(join(folder, file));
  return writeBundle(join(folder, `bundle of ${file}`), {
    signature,
    lineage: sampleLineage,
    files: { 'model.onnx': model },
  });
}

describeWithPython(['onnx', 'numpy'], 'models made with ONNX’s own library', (python) => {
  let made: MadeModel[];
  beforeAll(() => {
    const script = join(__dirname, 'reference', 'spoilt_models.py');
    const lines = execFileSync(python, [script, folder], { encoding: 'utf8' }).trim().split('\n');
    made = lines.map((line) => JSON.parse(line) as MadeModel);
  }, 60_000);

  test('pass where its checker passes them, whatever their opset from 7 to 24', async () => {
    const sound = made.filter(({ refusal }) => refusal === null);
    expect(sound).toHaveLength(20);
    for (const { file } of sound) expect(await checkBundle(await bundleOf(file))).toHaveLength(8);
  });

  test('are refused by name where they are spoilt, and the refusal names the tensor or the operator', async () => {
    const spoilt = made.filter(({ refusal }) => refusal !== null);
    expect(spoilt).toHaveLength(16);
    for (const { file, refusal, named } of spoilt) {
      const error = await checkBundle(await bundleOf(file)).catch((reason: unknown) => reason);
      if (!isCodedError(error)) throw new Error(`${file} was not refused: ${String(error)}`);
      expect([file, error.code]).toEqual([file, refusal]);
      if (named !== null) expect(error.message).toContain(named);
    }
  });
});

test('a bundle that fails a check is refused before a patch is scored, and leaves no evidence', async () => {
  const dataset = await writeTinyDataset(join(folder, 'data'));
  const split = splitTinyDataset(dataset);
  const suitePath = join(folder, 'suite.yaml');
  await freezeTinySuite(dataset, suitePath);
  const bundle = await writeTinyBundle(join(folder, 'tiny'), dataset, split, { bias: NaN, golden: false });
  const evidenceDir = join(folder, 'evidence');
  let scored = 0;
  const refused = validate({
    bundleDir: bundle.dir,
    suitePath,
    dataset,
    split,
    evidenceDir,
    keyDir: join(folder, 'key'),
    onProgress: (done) => (scored = done),
  });
  await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_WEIGHTS_NOT_FINITE', details: { tensor: 'bias' } });
  expect(scored).toBe(0);
  expect(existsSync(evidenceDir)).toBe(false);
});
