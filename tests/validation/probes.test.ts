import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { seededRandom } from 'seeded-random';
import { parseDocument } from 'yaml';
import {
  ircToXyz,
  LUNA_PATCH,
  voxelsOf,
  type Dataset,
  type Irc,
  type PatchContract,
  type Split,
  type Volume,
} from '../../datasets';
import { validate, type Report } from '../../services/validation';
import { reconstructionNoise } from '../../services/validation/probes/noise-texture';
import { disturbPatch } from '../../services/validation/probes/score-probes';
import type { ProbeName } from '../../services/validation/probes/settings';
import { describeWithPython } from '../present';
import { floats, integers, tensor } from './onnx-parts';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset, type TinyModel } from './world';

let world: string;
beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'probes-'));
});
afterAll(() => rm(world, { recursive: true, force: true }));

describeWithPython(['scipy', 'SimpleITK'], 'against scipy and SimpleITK, which disturb the whole scan,', (python) => {
  const size: Irc = [40, 60, 64];
  const random = seededRandom('against scipy');
  const scan: Volume = {
    hu: Float32Array.from({ length: 40 * 60 * 64 }, () => 2000 * random.uniform() - 1000),
    size,
    spacingXyz: [0.7, 0.8, 1.5],
    originXyz: [0, 0, 0],
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  };
  const patchSize: [number, number, number] = [8, 14, 16];
  const traits = { noiseHu: 0, texture: { values: new Float32Array(1), planes: 1, side: 1 } };

  function reference(job: Record<string, unknown>): unknown {
    const script = join(__dirname, 'reference', 'probes.py');
    const { stdout, stderr, status } = spawnSync(python, [script], { input: JSON.stringify(job), encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test('blur, shift, rotation and slice thickness give the same patches, by voxels and by millimetres', async () => {
    const file = join(world, 'scan.f32');
    await writeFile(file, new Uint8Array((scan.hu as Float32Array).buffer));
    const strengths: [ProbeName, number[]][] = [
      ['blur', [0.4, 1, 2]],
      ['shift', [-0.5, 0.25, 0.5, 1.25]],
      ['rotation', [-20, 10, 45, 133]],
      ['sliceThickness', [2, 2.5, 5]],
    ];
    const cases = strengths.flatMap(([probe, tried]) =>
      tried.flatMap((strength) =>
        [null, 1].map((step) => ({
          probe,
          strength,
          step,
          place: [19.3, 29.8, 31.4] as Irc,
          phase: seededRandom(`5 ${probe} case`).uniform(),
        })),
      ),
    );
    const output = join(world, 'patches.f64');
    reference({ what: 'patches', file, output, size, spacing: [1.5, 0.8, 0.7], patch: patchSize, cases });
    const expected = new Float64Array((await readFile(output)).buffer.slice(0));
    const voxels = voxelsOf({ patchSize });
    expect(expected).toHaveLength(cases.length * voxels);
    cases.forEach(({ probe, strength, step, place }, n) => {
      const contract: PatchContract = { patchSize, unit: 'HU', clip: [-9000, 9000], padding: -9000, resampleMm: step };
      const patch = new Int16Array(voxels);
      const candidate = { id: 'case', xyz: ircToXyz(place, scan) };
      disturbPatch(scan, candidate, { probe, strength }, traits, contract, 5, patch);
      let worst = 0;
      patch.forEach((hu, i) => (worst = Math.max(worst, Math.abs(hu - expected[n * voxels + i]!))));
      // Half a HU is the rounding of the patch to whole ones.
      expect([probe, strength, step, worst < 0.51 || worst]).toEqual([probe, strength, step, true]);
    });
  });

  test('the noise of a lower dose has the spectrum of a filtered back-projection, and planes of their own', async () => {
    const { values, planes, side } = reconstructionNoise(0.8, 0.7);
    const file = join(world, 'texture.f32');
    await writeFile(file, new Uint8Array(values.buffer));
    const job = { what: 'texture', file, size: [planes, side, side], spacing: [0.8, 0.7] };
    const { found, expected, across } = reference(job) as { found: number[]; expected: number[]; across: number };
    expect(Math.abs(across)).toBeLessThan(0.05);
    found.forEach((power, ring) => {
      // The first ring holds few frequencies, the other hundreds.
      expect(Math.abs(power / expected[ring]! - 1)).toBeLessThan(ring === 0 ? 0.4 : 0.15);
    });
  });
});

describe('a model that is brittle', () => {
  let dataset: Dataset;
  let split: Split;
  let suitePath: string;
  let runs = 0;

  beforeAll(async () => {
    dataset = await writeTinyDataset(join(world, 'data'));
    split = splitTinyDataset(dataset);
    suitePath = join(world, 'suite.yaml');
    await freezeTinySuite(dataset, suitePath, ['probes']);
    const suite = parseDocument(await readFile(suitePath, 'utf8'));
    suite.set('probes', {
      cases: 40,
      list: [
        { probe: 'huOffset', strengths: [-100, 100], within: [-100, 100] },
        { probe: 'cropJitter', strengths: [1, 5], within: [0, 5] },
        'flip',
        { probe: 'noise', strengths: [20, 400] },
      ],
    });
    await writeFile(suitePath, suite.toString());
    const policyPath = join(world, 'suite.gate.yaml');
    const policy = parseDocument(await readFile(policyPath, 'utf8'));
    const rule = (name: string, metric: string, threshold: number) => ({
      name,
      metric,
      on: 'point',
      op: '<=',
      threshold,
    });
    policy.set('rules', [
      rule('calls stay when the scanner is 100 HU off', 'probe.huOffset.callsChanged', 0.05),
      rule('nodules are found 5 mm beside the mark', 'probe.cropJitter.drop', 0.05),
      rule('left and right are alike', 'probe.flip.drop', 0.02),
      rule('noise does not matter', 'probe.noise.drop', 0.02),
    ]);
    policy.delete('changeControl');
    await writeFile(policyPath, policy.toString());
  });

  async function validateTiny(model: TinyModel): Promise<Report> {
    const bundleDir = join(world, `bundle-${++runs}`);
    await writeTinyBundle(bundleDir, dataset, split, model);
    const evidenceDir = join(world, `evidence-${runs}`);
    return (await validate({ bundleDir, suitePath, dataset, split, evidenceDir, keyDir: join(world, 'key') })).report;
  }
  const outcomes = ({ rules }: Report) =>
    Object.fromEntries(rules.filter(({ metric }) => metric.startsWith('probe.')).map((r) => [r.metric, r.outcome]));

  test('fails by the rules on its probes: one that keys on absolute HU and on the very middle of the patch', async () => {
    const report = await validateTiny({});
    expect(outcomes(report)).toEqual({
      'probe.huOffset.callsChanged': 'fail',
      'probe.cropJitter.drop': 'fail',
      'probe.flip.drop': 'pass',
      'probe.noise.drop': 'pass',
    });
    expect(report.verdict).toBe('fail');
    // All scores move alike, which the area under the curve cannot see.
    expect(report.figures['probe.huOffset.drop']!.value).toBeCloseTo(0, 1);
    // A cube of one value is the same in a mirror.
    expect(report.figures['probe.flip.drop']).toMatchObject({ value: 0, n: 40, of: 'candidates' });
    const { probes } = report;
    expect(probes).toMatchObject({ metric: 'auc', cases: 40, positives: 20 });
    const jitter = probes!.probes.find(({ name }) => name === 'cropJitter')!;
    expect(jitter.points.map(({ strength }) => strength)).toEqual([0, 1, 5]);
    expect(jitter.largestDrop).toEqual({ value: jitter.points[2]!.drop.value, at: 5 });
    for (const { drop, value } of jitter.points) {
      expect(value + drop.value).toBeCloseTo(probes!.baseline, 12);
      expect(drop.lower).toBeLessThanOrEqual(drop.value);
      expect(drop.upper).toBeGreaterThanOrEqual(drop.value);
    }
    // Noise of 400 HU lies beyond the declared range: shown, and no reason to fail.
    const noise = probes!.probes.find(({ name }) => name === 'noise')!;
    expect(noise.points.at(-1)!.strength).toBe(400);
    expect(noise.largestDrop.at).toBe(20);
  });

  test('is told from one that measures contrast, whose calls no offset changes', async () => {
    const report = await validateTiny({ graph: contrastOnnx(1.2) });
    expect(report.probes!.baseline).toBeGreaterThan(0.9);
    expect(outcomes(report)['probe.huOffset.callsChanged']).toBe('pass');
    expect(outcomes(report)['probe.cropJitter.drop']).toBe('fail');
  });
});

/** Logit by how much brighter the 4×4×4 voxels in the middle are than the lung behind them: an offset cancels. */
function contrastOnnx(gain: number): Uint8Array {
  const graph: onnx.IGraphProto = {
    name: 'contrast',
    node: [
      { opType: 'Slice', input: ['patch', 'from', 'to', 'axes'], output: ['centre'] },
      { opType: 'Slice', input: ['patch', 'behindFrom', 'behindTo', 'axes'], output: ['behind'] },
      { opType: 'GlobalAveragePool', input: ['centre'], output: ['centreMean'] },
      { opType: 'GlobalAveragePool', input: ['behind'], output: ['behindMean'] },
      { opType: 'Sub', input: ['centreMean', 'behindMean'], output: ['contrast'] },
      { opType: 'Reshape', input: ['contrast', 'column'], output: ['flat'] },
      { opType: 'MatMul', input: ['flat', 'weight'], output: ['product'] },
      { opType: 'Add', input: ['product', 'bias'], output: ['logits'] },
      { opType: 'Softmax', input: ['logits'], output: ['probabilities'] },
    ],
    initializer: [
      integers('from', [14, 22, 22]),
      integers('to', [18, 26, 26]),
      integers('behindFrom', [0, 16, 16]),
      integers('behindTo', [8, 32, 32]),
      integers('axes', [2, 3, 4]),
      integers('column', [-1, 1]),
      floats('weight', [1, 2], [0, gain / 100]),
      floats('bias', [2], [0, -(gain * 525) / 100]),
    ],
    input: [tensor('patch', ['N', 1, ...LUNA_PATCH.patchSize])],
    output: [tensor('logits', ['N', 2]), tensor('probabilities', ['N', 2])],
  };
  return onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph }).finish();
}
