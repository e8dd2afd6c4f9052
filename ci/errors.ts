import { defineErrors } from 'coded-error';

export const pipelineError = defineErrors({
  GATE_REFUSED: {
    message: 'the gate refused {model}: {reasons}',
    hint: 'Nothing was registered. The whole verdict stands in {report}; train a better model, or fix the split, and run again.',
    status: 422,
  },
  DATASET_MISSING: {
    message: 'there is no dataset in {dir}',
    hint: 'Name its folder: dataset.dir=<folder>; docs/data.md shows what each kind of dataset has in it.',
    status: 404,
  },
  CHAMPION_WITHOUT_THRESHOLD: {
    message: 'the evidence of the champion {version} does not say at which threshold it works',
    hint: 'It was made by a version of lungate that did not write it. Validate and register its bundle again, or judge without it: --champion none',
    status: 409,
  },
  RUN_UNKNOWN: {
    message: '{run} is neither the folder of a model bundle nor the id of a run in {dir}',
    hint: 'Train first: lungate train; its last line is the folder of the bundle.',
    status: 404,
  },
  ENDPOINT_ANSWERED_WRONGLY: {
    message: 'the endpoint at {url} answered {answer}',
    hint: 'Look at its log under {root}/endpoints, then run the pipeline again.',
    status: 502,
  },
  PIPELINE_INTERRUPTED: {
    message: 'stopped before stage {stage}',
    hint: 'Nothing is lost: the same command goes on there.',
    status: 503,
  },
  PIPELINE_BUSY: {
    message: 'another pipeline is at work in {root}',
    hint: 'Wait for it to end, or give this one a folder of its own: root=<folder>',
    status: 409,
  },
});
