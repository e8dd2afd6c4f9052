import { engine } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import type { FunctionHost } from './function-host';
import { takeTensors, templateKey } from './containers';
import { explanationOf } from './explanation';
import type { Explanation, GraphExplanation } from './explanation';
import type { Profile } from './profile';
import { areEqual, isAlive, recordFunction, replay } from './recorded-function';
import type { Recording } from './recorded-function';

export interface CompileFunctionOptions {
  /**
   * What else the function depends on, such as `() => optimizer.learningRate`: JavaScript values that it reads and
   * that are no arguments are otherwise taken as they were when it was recorded. Compared as text.
   */
  dependsOn?: () => unknown;
  /** Signatures whose recording is kept; the one longest unused makes room. Default 16. */
  signatures?: number;
}

/** A TF.js function that runs as one compiled graph a call. */
export interface CompiledFunction<Args extends unknown[], Result> {
  (...args: Args): Result;
  /** What each kernel became, for every signature that is recorded and whose graph is still compiled. */
  explain: () => Explanation;
  /** Measures calls with these arguments; each of them is a real one, and assigns variables. */
  profile: (...args: Args) => Promise<Profile>;
  /** Lets go of the recordings. Their compiled graphs go as others come. A later call records anew. */
  dispose: () => void;
  /** How often the function itself was called, to record it. */
  readonly timesRecorded: number;
}

interface Signature {
  recording: Recording | null;
  /** Recorded twice with the same result: not called again. */
  isTrusted: boolean;
}

const OTHER_EACH_TIME =
  'A compiled function records other constants at each call (random numbers, or state outside of TF.js), so it is ' +
  'recorded at each call: right, but no faster than without compile(). Pass such values as arguments.';

/**
 * Makes a function run as one compiled graph a call. It is called, to record it, until two recordings of a signature
 * (the shapes and dtypes of its tensors, and its other arguments) are the same; from then on its arguments and the
 * variables it reads are fed to the graph directly, and the variables it assigns take the results.
 *
 * It must do its work by TF.js kernels alone: neither read a tensor, nor have other effects that count at each call.
 * Where it is called inside of another one, or of `tf.grads`, it is simply called.
 */
export function compileFunction<Args extends unknown[], Result>(
  backend: FunctionHost,
  fn: (...args: Args) => Result,
  options: CompileFunctionOptions,
): CompiledFunction<Args, Result> {
  const signatures = new Map<string, Signature>();
  const capacity = options.signatures ?? 16;
  let timesRecorded = 0;
  let differences = 0;

  function signatureOf(key: string): Signature {
    const signature = signatures.get(key) ?? { recording: null, isTrusted: false };
    signatures.delete(key);
    signatures.set(key, signature);
    if (signatures.size > capacity) signatures.delete(signatures.keys().next().value!);
    return signature;
  }

  function noteDifference(): void {
    if (++differences === 2) process.emitWarning(OTHER_EACH_TIME, { code: 'ONNX_COMPILE_NOT_CONSTANT' });
  }

  function call(...args: Args): Result {
    const before: unknown = engine().backend;
    if (before !== backend) throw onnxBackendError('ONNX_BACKEND_NOT_REGISTERED', { backend: engine().backendName });
    if (backend.isRecordingFunction || engine().state.gradientDepth > 0) return fn(...args);
    const given = takeTensors(args);
    const shapes = given.tensors.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`);
    const depends = options.dependsOn ? JSON.stringify(options.dependsOn()) : '';
    const signature = signatureOf(`${templateKey(given.template)} ${shapes.join()} ${depends}`);
    if (signature.recording && !isAlive(backend, signature.recording)) {
      signature.recording = null;
      signature.isTrusted = false;
    }
    if (signature.isTrusted) return replay(backend, signature.recording!, given.tensors) as Result;
    timesRecorded++;
    const { returned, recording } = recordFunction(backend, fn as (...args: unknown[]) => unknown, given);
    if (recording && signature.recording) {
      signature.isTrusted = areEqual(recording, signature.recording);
      if (!signature.isTrusted) noteDifference();
    }
    signature.recording = recording;
    return returned as Result;
  }

  return Object.defineProperty(
    Object.assign(call, {
      explain(): Explanation {
        const recorded = [...signatures.values()].flatMap(({ recording }) => recording?.key ?? []);
        const graphs = recorded.map((key) => backend.explainGraph(key));
        const compiled = graphs.filter((graph): graph is GraphExplanation => graph !== undefined);
        return explanationOf(compiled, backend.fallbacks);
      },
      profile: (...args: Args): Promise<Profile> => backend.profile(() => call(...args)),
      dispose(): void {
        signatures.clear();
      },
    }),
    'timesRecorded',
    { get: () => timesRecorded },
  ) as unknown as CompiledFunction<Args, Result>;
}
