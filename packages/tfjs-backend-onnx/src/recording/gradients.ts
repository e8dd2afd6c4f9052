/**
 * Gradients that TF.js lacks: of dilated convolutions, which it refuses, of the transposed convolution in 3D, and of einsum. Where
 * TF.js has one it stays as it is, for every backend.
 */
import { backend_util, engine, getGradient, registerGradient } from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { OnnxBackend } from './backend';
import { einsumGradient } from './einsum-gradient';

/** A convolution and the kernels of its gradients, which on this backend know dilations. */
interface Convolution {
  kernel: string;
  inputGradient: string;
  filterGradient: string;
}

const CONVOLUTIONS: readonly Convolution[] = [
  { kernel: 'Conv2D', inputGradient: 'Conv2DBackpropInput', filterGradient: 'Conv2DBackpropFilter' },
  { kernel: 'Conv3D', inputGradient: 'Conv3DBackpropInputV2', filterGradient: 'Conv3DBackpropFilterV2' },
  {
    kernel: 'DepthwiseConv2dNative',
    inputGradient: 'DepthwiseConv2dNativeBackpropInput',
    filterGradient: 'DepthwiseConv2dNativeBackpropFilter',
  },
];

/** Call it after TF.js's own gradients are registered: they would replace these. */
export function registerGradients(): void {
  for (const convolution of CONVOLUTIONS) registerDilated(convolution);
  for (const config of [transposed3d, einsumGradient]) {
    if (!(getGradient(config.kernelName) as GradConfig | undefined)) registerGradient(config);
  }
}

const run = (kernel: string, inputs: NamedTensorMap, attributes: object): Tensor =>
  engine().runKernel(kernel, inputs, attributes as NamedAttrMap);

/** Convolutions whose gradient already goes through here: registering twice must not wrap twice. */
const wrapped = new WeakSet<GradConfig>();

function registerDilated({ kernel, inputGradient, filterGradient }: Convolution): void {
  const known = getGradient(kernel) as GradConfig | undefined;
  if (!known || wrapped.has(known)) return;
  const config: GradConfig = {
    ...known,
    gradFunc: (dy, saved, attributes) => {
      const dilations = attributes['dilations'] as number | number[] | null | undefined;
      const isDilated = !backend_util.tupleValuesAreOne(dilations ?? 1);
      if (!isDilated || !((engine().backend as unknown) instanceof OnnxBackend)) {
        return known.gradFunc(dy, saved, attributes);
      }
      const [x, filter] = saved as [Tensor, Tensor];
      const [inputShape, filterShape] = [x.shape, filter.shape];
      return {
        x: () => run(inputGradient, { dy: dy as Tensor, filter }, { ...attributes, inputShape }),
        filter: () => run(filterGradient, { x, dy: dy as Tensor }, { ...attributes, filterShape }),
      };
    },
  };
  wrapped.add(config);
  registerGradient(config);
}

/** y is the input gradient of a convolution; the gradients of that are the convolution, and its filter gradient. */
const transposed3d: GradConfig = {
  kernelName: 'Conv3DBackpropInputV2',
  inputsToSave: ['dy', 'filter'],
  gradFunc: (ddx, saved, attributes) => {
    const [dy, filter] = saved as [Tensor, Tensor];
    const { strides, pad } = attributes;
    const window = { strides, pad, dataFormat: 'NDHWC', dilations: [1, 1, 1] };
    return {
      dy: () => run('Conv3D', { x: ddx as Tensor, filter }, window),
      filter: () =>
        run('Conv3DBackpropFilterV2', { x: ddx as Tensor, dy }, { strides, pad, filterShape: filter.shape }),
    };
  },
};
