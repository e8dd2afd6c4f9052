import type { Bundle, Signature } from 'model-bundle';
import { onnx } from 'onnx-proto';
import type { BundleCheck } from '../report/sections';
import { assertContract } from './contract';
import { bundleCheckError } from './errors';
import { assertFiniteWeights } from './finite-weights';
import { readModelFile, standard, type ModelFile } from './model-file';

/** The opsets of the standard operators that this platform's runtimes agree on. */
export const OPSETS = { lowest: 7, highest: 24 } as const;

interface Check {
  name: string;
  title: string;
  /** Throws a named refusal, or says what was found. */
  look: (model: ModelFile, signature: Signature) => string;
}

/**
 * Looks at `model.onnx` before it is run: nothing that a check refuses is ever loaded, so that no other file is read
 * and no score is spent on a broken model.
 *
 * @returns what was found, one line a check, for the report
 * @throws the errors of errors.ts here, and VALIDATION_CONTRACT_BROKEN
 */
export async function checkBundle(bundle: Bundle): Promise<BundleCheck[]> {
  const model = await readModelFile(bundle.path('model.onnx'));
  return CHECKS.map(({ name, title, look }) => ({ name, title, found: look(model, bundle.signature) }));
}

/** In this order: the later ones trust what the earlier ones saw. */
const CHECKS: readonly Check[] = [
  {
    name: 'graph',
    title: 'The model is a readable ONNX graph',
    look: ({ irVersion, producer, nodes }) =>
      `${nodes.length} nodes, IR version ${irVersion}, written by ${producer || 'an unnamed program'}`,
  },
  {
    name: 'opset',
    title: `The opset is one of ${OPSETS.lowest} to ${OPSETS.highest}`,
    look: supportedOpset,
  },
  {
    name: 'domain',
    title: 'Operators of the standard domain only',
    look: standardOperators,
  },
  {
    name: 'random',
    title: 'No operator draws random numbers',
    look: noRandomness,
  },
  {
    name: 'externalData',
    title: 'All weights stand in the file itself',
    look: noExternalData,
  },
  {
    name: 'finiteWeights',
    title: 'No weight is NaN or infinite',
    look: (model) => `${assertFiniteWeights(model).toLocaleString('en-US')} numbers`,
  },
  {
    name: 'batch',
    title: 'Any number of patches at once',
    look: freeBatch,
  },
  {
    name: 'contract',
    title: 'Inputs and outputs are those of the signature',
    look: (model, signature) => {
      assertContract(signature, model);
      const ports = ({ name, shape }: ModelFile['inputs'][number]) => `${name} [${shape.join(', ')}]`;
      return `${model.inputs.map(ports).join(', ')} → ${model.outputs.map(ports).join(', ')}`;
    },
  },
];

function supportedOpset({ opsets }: ModelFile): string {
  const found = opsets.get('') ?? 1;
  const { lowest, highest } = OPSETS;
  if (found < lowest || found > highest) {
    throw bundleCheckError('VALIDATION_OPSET_UNSUPPORTED', { found, lowest, highest });
  }
  return `opset ${found}`;
}

function standardOperators({ nodes }: ModelFile): string {
  const foreign = distinct(
    nodes.filter(({ domain }) => standard(domain) !== '').map(({ domain, opType }) => `${domain!}.${opType ?? ''}`),
  );
  if (foreign.length > 0) {
    throw bundleCheckError('VALIDATION_OPERATOR_NOT_STANDARD', { operators: foreign.join(', ') });
  }
  return distinct(nodes.map(({ opType }) => opType ?? '')).join(', ');
}

const RANDOM = ['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli'];

function noRandomness({ nodes }: ModelFile): string {
  // A Dropout does nothing unless its third input, training_mode, is given.
  const random = nodes.filter(
    ({ opType, input }) => RANDOM.includes(opType ?? '') || (opType === 'Dropout' && Boolean(input?.[2])),
  );
  if (random.length > 0) {
    const operators = distinct(random.map(({ opType }) => opType ?? '')).join(', ');
    throw bundleCheckError('VALIDATION_OPERATOR_RANDOM', { operators });
  }
  return 'none';
}

function noExternalData({ tensors }: ModelFile): string {
  const outside = tensors.find(
    ({ tensor }) =>
      tensor.dataLocation === onnx.TensorProto.DataLocation.EXTERNAL || (tensor.externalData ?? []).length > 0,
  );
  if (outside) throw bundleCheckError('VALIDATION_EXTERNAL_DATA', { tensor: outside.name });
  return `${tensors.length} tensors`;
}

/** Of the tensors that the signature names, there and in the graph. */
function freeBatch({ inputs, outputs }: ModelFile, signature: Signature): string {
  const promised = [...signature.inputs, ...signature.outputs];
  const names = promised.map(({ name }) => name);
  const inGraph = [...inputs, ...outputs].filter(({ name }) => names.includes(name));
  for (const { name, shape } of [...promised, ...inGraph]) {
    const [batch] = shape;
    if (typeof batch === 'number' && batch > 0) {
      throw bundleCheckError('VALIDATION_BATCH_FIXED', { tensor: name, shape: shape.join(', ') });
    }
  }
  return `the first dimension of ${names.join(', ')} is free`;
}

const distinct = (names: readonly string[]) => [...new Set(names)].sort();
