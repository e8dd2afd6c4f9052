import type { Signature } from 'model-bundle';
import { rowSize } from '../served-model';
import type { Rows } from './jobs';

/** Most rows of one run: long enough to keep the cores busy, short enough that others are not kept waiting. */
const MAX_ROWS = 8;

/** Runs a batch of any size as several small ones, one after the other, so that other requests come in between. */
export async function runInParts(
  { inputs: inputSpecs, outputs: outputSpecs }: Signature,
  inputs: Rows,
  rows: number,
  run: (inputs: Rows, rows: number) => Promise<Rows>,
): Promise<Rows> {
  if (rows <= MAX_ROWS) return run(inputs, rows);
  const outputs: Rows = {};
  for (const tensor of outputSpecs) outputs[tensor.name] = new Float32Array(rows * rowSize(tensor));
  for (let from = 0; from < rows; from += MAX_ROWS) {
    const to = Math.min(rows, from + MAX_ROWS);
    const part: Rows = {};
    for (const { name, ...spec } of inputSpecs)
      part[name] = inputs[name]!.slice(from * rowSize(spec), to * rowSize(spec));
    const answer = await run(part, to - from);
    for (const { name, ...spec } of outputSpecs) outputs[name]!.set(answer[name]!, from * rowSize(spec));
  }
  return outputs;
}
