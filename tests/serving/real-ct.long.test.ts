import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Irc, ircToXyz, type Volume } from '../../datasets';
import { type Serving, startServing } from '../../services/serving';
import { classifyResponseSchema } from '../../services/serving/classify';
import { describeWithSharedData } from '../present';
import { crop, readRealCt } from './real-ct';
import { writeLunaBundle } from './sample-bundle';
import { toMha } from './sample-scan';

interface Reference {
  voxel_irc: Irc[];
  logits: [number, number][];
}

describeWithSharedData('a real chest CT and a model that others trained on LUNA16', (dataDir) => {
  let dir: string;
  let serving: Serving;
  let ct: Volume;
  let reference: Reference;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lungate-real-'));
    const bundle = await writeLunaBundle(join(dir, 'bundle'), dataDir);
    serving = await startServing({ bundleDir: bundle.dir, version: 'nodule-classifier@1.0.0', port: 0 });
    ct = await readRealCt(dataDir);
    reference = JSON.parse(await readFile(join(dataDir, 'lunamodel', 'reference.json'), 'utf8')) as Reference;
  });

  afterAll(async () => {
    await serving.close();
    await rm(dir, { recursive: true });
  });

  async function classify(scan: Volume, places: readonly Irc[]): Promise<[number, number][]> {
    const form = new FormData();
    form.set('volume', new Blob([new Uint8Array(toMha(scan))]), 'scan.mha');
    form.set('candidates', JSON.stringify(places.map((irc) => ({ xyz: ircToXyz(irc, ct) }))));
    const reply = await fetch(`${serving.url}/v1/classify`, { method: 'POST', body: form });
    const { candidates } = classifyResponseSchema.parse(await reply.json());
    return candidates.map(({ logits }) => [logits['non-nodule']!, logits['nodule']!]);
  }

  function expectReference(answers: [number, number][], cases: readonly number[]): void {
    cases.forEach((number, index) => {
      expect(answers[index]![0]).toBeCloseTo(reference.logits[number]![0], 4);
      expect(answers[index]![1]).toBeCloseTo(reference.logits[number]![1], 4);
    });
  }

  test("the whole scan and its six places get PyTorch's answers", async () => {
    expectReference(await classify(ct, reference.voxel_irc), [0, 1, 2, 3, 4, 5]);
  });

  test('a crop of it gets the same answers at the same world coordinates', async () => {
    const part = crop(ct, [30, 170, 130], [60, 140, 100]);
    const cases = [2, 4];
    expectReference(
      await classify(
        part,
        cases.map((number) => reference.voxel_irc[number]!),
      ),
      cases,
    );
  });
});
