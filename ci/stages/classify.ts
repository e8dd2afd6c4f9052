import { existsSync, openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { candidatesOf, readSplit, type Candidate } from '../../datasets';
import { resultOf, type PipelineContext } from '../context';
import { pipelineError } from '../errors';
import type { Stage } from '../stage';

const replySchema = z.object({
  model: z.object({ name: z.string(), version: z.string() }),
  candidates: z.array(z.object({ label: z.string(), probability: z.number() })).min(1),
});

/** Asks the endpoint about one held-out nodule, as a caller would: with the scan and a place in it. */
export const classifyStage: Stage<'classify'> = {
  name: 'classify',
  title: 'classify',
  inputs: () => null,

  async run(context) {
    const candidate = await heldOutNodule(context);
    const series = context.dataset!.manifest.series.find(({ seriesUid }) => seriesUid === candidate.seriesUid)!;
    const scan = join(context.dataset!.dir, series.file);
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
      truth: 'nodule',
      probability,
      modelVersion: `${model.name}@${model.version}`,
    };
  },

  summary: ({ truth, label, probability, modelVersion }) =>
    `a held-out ${truth}: ${modelVersion} says ${label} (p = ${probability.toFixed(3)})`,
};

/** The widest nodule of the held-out patients. */
async function heldOutNodule(context: PipelineContext): Promise<Candidate> {
  const { test } = await readSplit(resultOf(context, 'split').file);
  return candidatesOf(context.dataset!.manifest, test)
    .filter(({ label }) => label === 1)
    .reduce((widest, candidate) => ((candidate.diameterMm ?? 0) > (widest.diameterMm ?? 0) ? candidate : widest));
}

async function scanWithPlace(mhdFile: string, { xyz }: Candidate): Promise<FormData> {
  const form = new FormData();
  form.set('header', await openAsBlob(mhdFile), 'scan.mhd');
  form.set('data', await openAsBlob(voxelFileOf(mhdFile)), 'voxels');
  form.set('candidates', JSON.stringify([{ xyz }]));
  return form;
}

/** The voxels that a LUNA16 header belongs to, compressed or not. */
function voxelFileOf(mhdFile: string): string {
  const raw = mhdFile.replace(/\.mhd$/, '.raw');
  return existsSync(raw) ? raw : mhdFile.replace(/\.mhd$/, '.zraw');
}
