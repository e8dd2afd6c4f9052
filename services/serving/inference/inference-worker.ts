import { workerData } from 'node:worker_threads';
import type { Signature } from 'model-bundle';
import { Tensor } from 'quiet-onnxruntime';
import { TunedSession } from 'tfjs-backend-onnx/tuned-session';
import { servingError } from '../errors';
import { cropCandidates } from '../patches';
import type { InferenceJob, InferenceResult, Rows, WorkerSetup } from './jobs';
import { type Answer, serveJobs } from './pool-worker';

const { onnx, signature, threads } = workerData as WorkerSetup;

void serveJobs<InferenceResult>(async () => {
  const session = await loadModel();
  await warmUp(session);
  return (job: InferenceJob) => answer(session, job);
});

async function answer(session: TunedSession, job: InferenceJob): Promise<Answer<InferenceResult>> {
  if (job.kind === 'run') return run(session, job.inputs, job.rows);
  if (job.kind === 'crop') return crop(job.source);
  await session.adopt(job.graphs);
  return { result: { kind: 'adopt' }, transfer: [] };
}

async function loadModel(): Promise<TunedSession> {
  let session: TunedSession;
  try {
    session = await TunedSession.load(onnx, { threads });
  } catch (cause) {
    throw unloadable(cause instanceof Error ? cause.message : 'unknown reason', cause);
  }
  checkNames('inputs', session.inputNames);
  checkNames('outputs', session.outputNames);
  return session;
}

function checkNames(side: 'inputs' | 'outputs', found: readonly string[]): void {
  const declared = signature[side].map(({ name }) => name);
  const agree = side === 'inputs' ? sameSet(declared, found) : declared.every((name) => found.includes(name));
  if (!agree) throw unloadable(`its ${side} are ${found.join(', ')}, but the signature says ${declared.join(', ')}`);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

/** The first run allocates ONNX Runtime's arena; it also shows that the graph gives what the signature says. */
async function warmUp(session: TunedSession): Promise<void> {
  const inputs = Object.fromEntries(
    signature.inputs.map(({ name, shape }) => [name, new Float32Array(valuesIn(shape, 1))]),
  );
  try {
    await run(session, inputs, 1);
  } catch (cause) {
    throw unloadable(cause instanceof Error ? cause.message : 'the warm-up run failed', cause);
  }
}

async function run(session: TunedSession, inputs: Rows, rows: number): Promise<Answer<InferenceResult>> {
  const feeds = Object.fromEntries(
    signature.inputs.map(({ name, shape }) => [name, new Tensor('float32', inputs[name]!, [rows, ...shape.slice(1)])]),
  );
  const tensors = await session.run(
    feeds,
    signature.outputs.map(({ name }) => name),
  );
  const outputs: Rows = {};
  for (const { name, shape } of signature.outputs) outputs[name] = outputValues(tensors[name], name, shape, rows);
  return { result: { kind: 'run', outputs }, transfer: Object.values(outputs).map(bufferOf) };
}

/** A copy: what ONNX Runtime hands out is memory of its own, which must not be transferred. */
function outputValues(tensor: Tensor | undefined, name: string, shape: Signature['outputs'][0]['shape'], rows: number) {
  if (tensor?.type !== 'float32' || tensor.data.length !== valuesIn(shape, rows)) {
    throw unloadable(`output ${name} is ${tensor?.type ?? 'absent'} [${tensor?.dims.join(',') ?? ''}]`);
  }
  const values = Float32Array.from(tensor.data as Float32Array);
  if (!values.every(Number.isFinite)) throw servingError('INFERENCE_NOT_FINITE');
  return values;
}

function valuesIn(shape: readonly number[], rows: number): number {
  return shape.slice(1).reduce((product, size) => product * size, rows);
}

function crop(source: Extract<InferenceJob, { kind: 'crop' }>['source']): Answer<InferenceResult> {
  const cropped = cropCandidates(source, signature.preprocessing);
  return { result: { kind: 'crop', cropped }, transfer: cropped.batches.map(bufferOf) };
}

function bufferOf(values: Float32Array): ArrayBuffer {
  return values.buffer as ArrayBuffer;
}

function unloadable(problem: string, cause?: unknown) {
  return servingError('SERVING_MODEL_UNLOADABLE', { problem }, cause);
}
