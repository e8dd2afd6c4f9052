/** TF.js's kernels that are not recorded, by the reason why tfjs-cpu computes them. */
export const LEFT_TO_CPU: Readonly<Record<string, readonly string[]>> = {
  'complex numbers have no ONNX kernels': ['Complex', 'Real', 'Imag', 'ComplexAbs', 'FFT', 'IFFT'],
  'strings have no ONNX kernels here': ['StaticRegexReplace', 'StringNGrams', 'StringSplit', 'StringToHashBucketFast'],
  'the shape of its result depends on values': [
    'NonMaxSuppressionV3',
    'NonMaxSuppressionV4',
    'NonMaxSuppressionV5',
    'RaggedGather',
    'RaggedRange',
    'RaggedTensorToTensor',
    'SparseFillEmptyRows',
    'SparseReshape',
    'SparseSegmentMean',
    'SparseSegmentSum',
    'Unique',
  ],
  "its random numbers are those of TF.js's own generator": ['Multinomial'],
  'it draws on a canvas': ['Draw'],
};

/** Why a kernel is left to tfjs-cpu whatever it is given; undefined for one that is recorded. */
export function whyLeftToCpu(kernel: string): string | undefined {
  return Object.keys(LEFT_TO_CPU).find((reason) => LEFT_TO_CPU[reason]!.includes(kernel));
}
