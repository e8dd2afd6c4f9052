import { defineErrors } from 'coded-error';

/** A model file that is refused before it is run. */
export const bundleCheckError = defineErrors({
  VALIDATION_MODEL_MALFORMED: {
    message: 'model.onnx of the bundle cannot be read: {problem}',
    hint: 'Export the model again, and look at it with onnx.checker.check_model.',
    status: 422,
  },
  VALIDATION_OPSET_UNSUPPORTED: {
    message: 'model.onnx asks for opset {found} of the standard operators, {lowest} to {highest} are supported',
    hint: 'Export it with another opset, or convert it: onnx.version_converter.convert_version.',
    status: 422,
  },
  VALIDATION_OPERATOR_NOT_STANDARD: {
    message: 'model.onnx uses operators that are not of the standard domain: {operators}',
    hint: 'Export it with operators of ai.onnx alone; others run on one runtime and not on the next.',
    status: 422,
  },
  VALIDATION_OPERATOR_RANDOM: {
    message: 'model.onnx draws random numbers: {operators}',
    hint: 'Export the model in evaluation mode: the same patch must always get the same score.',
    status: 422,
  },
  VALIDATION_EXTERNAL_DATA: {
    message: 'the tensor {tensor} of model.onnx lies in another file',
    hint: 'Export one file with its weights inside: onnx.save_model(model, path, save_as_external_data=False).',
    status: 422,
  },
  VALIDATION_WEIGHTS_NOT_FINITE: {
    message: 'the tensor {tensor} of model.onnx holds {value} at index {index}, of {count} such values',
    hint: 'Training diverged or the file is damaged: train again with a lower learning rate, or export again.',
    status: 422,
  },
  VALIDATION_BATCH_FIXED: {
    message: '{tensor} of model.onnx has the shape [{shape}]: its first dimension is not free',
    hint: 'Export the model with a dynamic batch dimension, so that any number of patches can be asked at once.',
    status: 422,
  },
});
