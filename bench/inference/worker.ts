import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import { exportOnnx, TunedSession, tuneOnnx } from 'tfjs-backend-onnx';
import { lunaWeightsFromPytorch } from '../../services/training';
import { selectEngine } from '../../services/training/engines';
import { createModel } from '../../services/training/models';
import { CHANNELS, LABELS, PATCH_SIZE, type LunaTask } from '../luna/task';
import { trainingConfigOf } from '../luna/training-config';
import { answerRounds } from '../side-by-side/answer-rounds';

const VOXELS = PATCH_SIZE.reduce((a, b) => a * b, 1);

/** Our side of the inference bench: the network exported as for a bundle, run plainly and as serving runs it. */
async function main(task: LunaTask): Promise<void> {
  const engine = await selectEngine('onnx', task.threads);
  const model = createModel(trainingConfigOf(task), LABELS);
  const npz = readFileSync(join(task.folder, 'weights.npz'));
  model.module.setWeights(lunaWeightsFromPytorch(npz, { channels: CHANNELS, patchSize: PATCH_SIZE }));
  const onnx = exportOnnx(
    (patch) => ({ ...model.module.forward(patch, { training: false }) }),
    [{ name: 'patch', shape: [-1, 1, ...PATCH_SIZE], dtype: 'float32' }],
    { outputs: ['logits', 'probabilities'] },
  );
  const tuned = await TunedSession.load(onnx, { threads: task.threads });
  await tuned.adopt(tuneOnnx(onnx));
  const plain = await InferenceSession.create(onnx, { intraOpNumThreads: task.threads });

  const bytes = readFileSync(join(task.folder, 'patches.f32'));
  const patches = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

  await answerRounds({ name: `Lungate, onnxruntime ${engine.version}` }, async (request) => {
    const { steps, batchSize, graph } = request as { steps: number; batchSize: number; graph: string };
    const session = graph === 'tuned' ? tuned : plain;
    const probabilities: number[] = [];
    const begun = performance.now();
    for (let step = 0; step < steps; step++) {
      const start = (step * batchSize * VOXELS) % patches.length;
      const data = patches.subarray(start, start + batchSize * VOXELS);
      const patch = new Tensor('float32', data, [batchSize, 1, ...PATCH_SIZE]);
      const rows = (await session.run({ patch }, ['probabilities']))['probabilities']!.data as Float32Array;
      for (let row = 0; row < batchSize; row++) probabilities.push(rows[2 * row + 1]!);
    }
    return { seconds: (performance.now() - begun) / 1000, probabilities };
  });
}

void main(JSON.parse(process.argv[2]!) as LunaTask);
