import { defineErrors } from 'coded-error';

export const determinismError = defineErrors({
  VALIDATION_SECOND_ENGINE_FAILED: {
    message: 'TensorFlow.js could not run {file} of the bundle to compare it with ONNX Runtime: {problem}',
    hint: 'Export the bundle again. Where its operators have no counterpart in TensorFlow.js, leave determinism.tolerance.engine out of the suite.',
    status: 422,
  },
});
