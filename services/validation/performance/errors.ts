import { defineErrors } from 'coded-error';

export const performanceError = defineErrors({
  VALIDATION_PERFORMANCE_FAILED: {
    message: 'the process that measures how fast the model is did not finish: {problem}',
    hint: 'Free some memory and validate again, or leave `budget` out of the suite.',
  },
});
