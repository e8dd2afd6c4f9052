import type { Inference } from '../inference';
import type { PatchSource } from '../patches';
import { rowSize, type ServedModel } from '../served-model';
import type { ClassifyResponse } from './schemas';

type Judgement = Pick<ClassifyResponse['candidates'][number], 'label' | 'probability' | 'logits'>;

/** Cuts the candidates out of what the caller sent and has the model judge them, a batch at a time. */
export async function classify(
  model: ServedModel,
  inference: Inference,
  source: PatchSource,
  transfer: ArrayBuffer[],
): Promise<ClassifyResponse> {
  const { name, version, bundleDigest, signature } = model;
  const { places, batches } = await inference.crop(source, transfer);
  const input = signature.inputs[0]!;
  const judgements: Judgement[] = [];
  for (const batch of batches) {
    const rows = batch.length / rowSize(input);
    const outputs = await inference.run({ [input.name]: batch }, rows);
    for (let row = 0; row < rows; row++) judgements.push(judge(model, outputs, row));
  }
  return {
    model: { name, version, bundleDigest },
    preprocessing: signature.preprocessing,
    candidates: judgements.map((judgement, i) => {
      const place = places[i];
      return { xyz: place ? [...place.xyz] : null, irc: place ? [...place.irc] : null, ...judgement };
    }),
  };
}

function judge({ signature }: ServedModel, outputs: Record<string, Float32Array>, row: number): Judgement {
  const { labels, positiveLabel } = signature;
  const ofRow = (name: string) => outputs[name]!.subarray(row * labels.length, (row + 1) * labels.length);
  const probabilities = ofRow('probabilities');
  const logits = ofRow('logits');
  return {
    label: labels[probabilities.indexOf(Math.max(...probabilities))]!,
    probability: probabilities[labels.indexOf(positiveLabel)]!,
    logits: Object.fromEntries(labels.map((label, i) => [label, logits[i]!])),
  };
}
