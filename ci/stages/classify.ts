import { existsSync, openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { shortDigest } from 'durable-files';
import { z } from 'zod';
import { candidatesOf, readSplit, writeMetaImage, type Candidate } from '../../datasets';
import { resultOf, type PipelineContext } from '../context';
import { pipelineError } from '../errors';
import type { Stage } from '../stage';

const replySchema = z.object({
  model: z.object({ name: z.string(), version: z.string() }),
  candidates: z.array(z.object({ label: z.string(), probability: z.number() })).min(1),
});

/** Asks the endpoint about one held-out candidate of the class looked for, as a caller would: with the scan and a place in it. */
export const classifyStage: Stage<'classify'> = {
  name: 'classify',
  title: 'classify',
  inputs: () => null,

  async run(context) {
    const candidate = await heldOutPositive(context);
    const scan = await metaImageOf(context, candidate.seriesUid);
    const { url } = resultOf(context, 'deploy');
    const reply = await fetch(`${url}/v1/classify`, {
      method: 'POST',
      body: await scanWithPlace(scan, candidate),
    });
    const parsed = replySchema.safeParse(await reply.json());
    if (!parsed.success) {
      const { root } = context.config;
      throw pipelineError('ENDPOINT_ANSWERED_WRONGLY', { url, answer: `HTTP ${reply.status}`, root });
    }
    const { model, candidates } = parsed.data;
    const { label, probability } = candidates[0]!;
    return {
      scan,
      voxels: voxelFileOf(scan),
      xyz: candidate.xyz,
      label,
      truth: context.dataset!.manifest.labels[1],
      probability,
      modelVersion: `${model.name}@${model.version}`,
    };
  },

  summary: ({ truth, label, probability, modelVersion }) =>
    `a held-out ${truth}: ${modelVersion} says ${label} (p = ${probability.toFixed(3)})`,
};

/** The first candidate of the class looked for among the held-out patients. */
async function heldOutPositive(context: PipelineContext): Promise<Candidate> {
  const { test } = await readSplit(resultOf(context, 'split').file);
  return candidatesOf(context.dataset!.manifest, test).find(({ label }) => label === 1)!;
}

/** The scan in the format that the endpoint takes: its own file, or where that is of another format a copy. */
async function metaImageOf({ dataset, config }: PipelineContext, seriesUid: string): Promise<string> {
  const { dir, manifest, volume } = dataset!;
  const { file, digest } = manifest.series.find((series) => series.seriesUid === seriesUid)!;
  if (file.endsWith('.mhd')) return join(dir, file);
  const copy = join(config.root, 'classified', `${shortDigest(digest)}.mhd`);
  if (!existsSync(copy)) await writeMetaImage(copy, await volume(seriesUid));
  return copy;
}

async function scanWithPlace(mhdFile: string, { xyz }: Candidate): Promise<FormData> {
  const form = new FormData();
  form.set('header', await openAsBlob(mhdFile), 'scan.mhd');
  form.set('data', await openAsBlob(voxelFileOf(mhdFile)), 'voxels');
  form.set('candidates', JSON.stringify([{ xyz }]));
  return form;
}

/** The voxels that such a header belongs to, compressed or not. */
function voxelFileOf(mhdFile: string): string {
  const raw = mhdFile.replace(/\.mhd$/, '.raw');
  return existsSync(raw) ? raw : mhdFile.replace(/\.mhd$/, '.zraw');
}
