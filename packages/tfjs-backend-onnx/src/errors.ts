import { defineErrors } from 'coded-error';

export const onnxBackendError = defineErrors({
  ONNX_BACKEND_DTYPE: {
    message: 'No ONNX kernel of this backend takes a tensor of dtype {dtype}',
    hint: 'Use float32, int32 or bool here; strings and complex numbers are computed by tfjs-cpu.',
  },
  ONNX_BACKEND_VERSION: {
    message: 'onnxruntime-node {version} is installed, but this package has been tested with {tested} only',
    hint: 'Install onnxruntime-node {tested}: it is reached through a binding that may change with any version.',
  },
  ONNX_BACKEND_OUT_OF_MEMORY: {
    message:
      'There was no memory to run a compiled graph of {ops} TF.js kernels, even when all others gave theirs back',
    hint: 'Try a smaller batch, or fewer tensors alive at once. Variables have the values they had before. The cause has the words of ONNX Runtime.',
  },
  ONNX_BACKEND_BINDING_MOVED: {
    message: 'onnxruntime-node {version} no longer has {missing}, which this package was written against in {tested}',
    hint: 'Install onnxruntime-node {tested}, or adapt session/native-binding.ts to the new one and run its test.',
  },
  ONNX_BACKEND_PROVIDER_UNKNOWN: {
    message: 'There is no provider {provider}',
    hint: 'Use one of {known}; availableProviders() lists those that compute on this machine.',
  },
  ONNX_BACKEND_PROVIDER_ABSENT: {
    message: 'The provider {provider} cannot compute on this machine',
    hint: '{wayOut} The cause has the words of ONNX Runtime.',
  },
  ONNX_BACKEND_PRECISION: {
    message: 'Precision {precision} is not to be had from the provider {provider}: {reason}',
    hint: 'Leave the precision out: float32 computes everywhere.',
  },
  ONNX_BACKEND_DEVICE_LOST: {
    message: 'The device of the provider {provider} was lost while it ran a compiled graph',
    hint: 'A driver reset, or a kernel that ran too long: start the process again, with smaller batches. The cause has the words of ONNX Runtime.',
  },
  ONNX_BACKEND_COMPILE: {
    message: 'ONNX Runtime refused a graph of {nodes} nodes compiled from {ops} TF.js kernels',
    hint: 'The cause names the node. backend.explain() lists the lowerings of the graphs that did compile.',
  },
  ONNX_BACKEND_RUN: {
    message: 'ONNX Runtime failed while it ran a compiled graph of {ops} TF.js kernels',
    hint: 'The cause has the words of ONNX Runtime, and names the node. Variables have the values they had before.',
  },
  ONNX_BACKEND_FALLBACK: {
    message: 'tfjs-cpu would have to compute {kernel} of {inputs}: {why}',
    hint: 'Say it by other operations or dtypes (the README lists the kernels), or register without `strict`.',
  },
  ONNX_BACKEND_PROFILING: {
    message: 'profile() was called inside of another profile()',
    hint: 'Await the first one.',
  },
  ONNX_COMPILE_READ_INSIDE: {
    message: 'A function given to compile() needs the values of a tensor while it is recorded',
    hint: 'It read a tensor (dataSync), or uses a kernel that has no ONNX lowering: the README lists those that have.',
  },
  ONNX_DROPOUT_RATE: {
    message: 'The rate of a dropout must be at least 0 and less than 1, but is {rate}',
    hint: 'Give the share of elements to drop, such as 0.5.',
  },
  ONNX_BACKEND_NOT_REGISTERED: {
    message: 'The backend in use is {backend}, not onnx',
    hint: 'Call registerOnnxBackend() and await tf.setBackend("onnx") first.',
  },
  ONNX_AFFINE_SAMPLE_SHAPES: {
    message: 'Images [{images}] cannot be read through matrices [{matrices}] at size [{size}]',
    hint: 'In n dimensions: images [B, …n sizes, C], matrices [B, n, n + 1], and n sizes for the result.',
  },
  ONNX_EXPORT_INPUT_DTYPE: {
    message: 'Input {input} has dtype {dtype}, which an ONNX model made here cannot take',
    hint: 'Use float32, int32 or bool.',
  },
  ONNX_EXPORT_FREE_DIMENSIONS: {
    message: 'Input {input} has shape [{shape}]: only its first dimension may be free (-1)',
    hint: 'Give every other dimension its size.',
  },
  ONNX_EXPORT_READ_INSIDE: {
    message: 'The function to export needs the values of its inputs while it is recorded',
    hint: 'It read a tensor (dataSync), or uses a kernel that has no ONNX lowering: the README lists those that have.',
  },
  ONNX_EXPORT_NOT_BATCH_FREE: {
    message: 'The function to export depends on the batch size in a way that a free dimension cannot say: {where}',
    hint: 'Avoid constants and slices made from x.shape[0], or export with a fixed batch size.',
  },
  ONNX_EXPORT_OPSET: {
    message: 'Opset {opset} was asked for, but graphs are written for {lowest} to {highest}',
    hint: 'Leave the opset out.',
  },
  ONNX_EXPORT_OUTPUT: {
    message: 'The function to export returned no output named {output}',
    hint: 'Return an object of tensors whose names are the model outputs.',
  },
  ONNX_EXPORT_KERNEL: {
    message: 'The kernel {kernel} has no ONNX lowering for what it was given, so the function cannot be exported',
    hint: 'Say it by other TF.js operations: the README lists the kernels that have a lowering.',
  },
  ONNX_EXPORT_MODEL: {
    message: 'The model to export {problem}',
    hint: 'Give a tf.LayersModel, anything with `inputs` and `predict`, or a function and the inputs it takes.',
  },
  ONNX_IMPORT_MALFORMED: {
    message: 'The bytes to import are no ONNX model: {problem}',
    hint: 'Give the bytes of a whole .onnx file, or its path.',
  },
  ONNX_IMPORT_OPSET: {
    message:
      'The model uses opset {opset} of the domain "{domain}", and only ai.onnx {lowest} to {highest} is understood',
    hint: 'Convert it with onnx.version_converter, or export it again for an opset in between.',
  },
  ONNX_IMPORT_OPERATOR: {
    message: 'The model uses operators that cannot be imported: {operators}',
    hint: 'Replace them by simpler ones before exporting, or simplify the model (onnxsim removes shape arithmetic).',
  },
  ONNX_IMPORT_UNSUPPORTED: {
    message: '{operator} "{node}" uses {what}, which cannot be imported',
    hint: 'Export the model without it.',
  },
  ONNX_IMPORT_EXTERNAL_DATA: {
    message: 'The tensor {tensor} lies in another file ({location}), which cannot be imported',
    hint: 'Save the model in one file: onnx.save(onnx.load(path), path, save_as_external_data=False).',
  },
  ONNX_IMPORT_DTYPE: {
    message: 'The tensor {tensor} has the element type {type}, which cannot be imported',
    hint: 'Use float32, float16, double, int64, int32, int8, uint8 or bool.',
  },
  ONNX_IMPORT_INPUT: {
    message: 'The model was given {given}, but takes {expected}',
    hint: 'Pass one tensor an input, in the order of model.inputs, or an object of tensors by name.',
  },
  ONNX_TUNE_NO_BLOCKS: {
    message: 'This CPU has no blocked kernels in ONNX Runtime, so no model can be tuned for it',
    hint: 'Run the portable model as it is.',
  },
  ONNX_TUNE_NOTHING_TO_GAIN: {
    message: 'None of the operators of the model has a blocked kernel, so tuning would change nothing',
    hint: 'Run the portable model as it is.',
  },
  ONNX_TUNE_FIXED_BATCH: {
    message: 'The first dimension of {tensor} is not free, so the model cannot be tuned for other sizes of batch',
    hint: 'Export it with a free batch, or run it as it is.',
  },
  ONNX_TUNE_DIFFERS: {
    message: 'Tuned for batches of {batch}, the model gives another {output}: {difference}, allowed are {tolerance}',
    hint: 'Run the portable model, and report the model to the maintainers.',
  },
});
