import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { registerOnnxBackend } from '../../src';

const [, , name = 'onnx', , part] = process.argv;

const onnx = name === 'onnx' ? registerOnnxBackend({ threads: 1 }) : undefined;

setTestEnvs([{ name: `test-${name}`, backendName: name, flags: {}, isDataSync: true }]);

export const backendUnderTest = { name, fallbacks: () => onnx?.fallbacks ?? new Map<string, number>() };
/** Only specs whose name contains it are run. */
export const partOfName = part;
