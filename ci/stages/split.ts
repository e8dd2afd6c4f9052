import { existsSync } from 'node:fs';
import { patientRefs, readSplit, splitByPatient, writeSplit } from '../../datasets';
import {
  assertHoldoutIntact,
  assertNoLeak,
  assertPolicyFits,
  policyDigest,
  readPolicy,
  readSuite,
  suiteDigest,
} from '../../services/validation';
import { splitFile } from '../config';
import { resultOf } from '../context';
import type { Stage } from '../stage';

/** Puts each patient on one side. The suite's holdout is the test side, so that no training ever sees it. */
export const splitStage: Stage<'split'> = {
  name: 'split',
  title: 'split',
  inputs: async (context) => {
    const { split, suite, gate, seed } = context.config;
    return {
      dataset: resultOf(context, 'data').digest,
      split: split.file === null ? split : (await readSplit(split.file, { fold: split.fold })).digest,
      suite: suiteDigest(await readSuite(suite.file)),
      policy: policyDigest(await readPolicy(gate.file)),
      seed,
    };
  },

  async run(context) {
    const { config } = context;
    const { manifest } = context.dataset!;
    const suite = await readSuite(config.suite.file);
    // The gate checks all of this again; here it saves the hours of training.
    assertPolicyFits(suite, await readPolicy(config.gate.file));
    assertHoldoutIntact(suite, manifest);
    const notes: string[] = [];
    const split = config.split.file
      ? await readSplit(config.split.file, {
          fold: config.split.fold,
          manifest,
          onWarning: (warning) => notes.push(warning),
        })
      : splitByPatient(manifest, {
          seed: config.seed,
          fractions: { validation: config.split.validation, test: 0 },
          holdout: suite.holdout.patients,
        });
    assertNoLeak(
      { train: patientRefs(manifest, split.train), validation: patientRefs(manifest, split.validation) },
      suite.holdout.patients,
      manifest,
    );
    const file = splitFile(config, split.digest);
    await writeSplit(file, split);
    return {
      file,
      digest: split.digest,
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      notes,
    };
  },

  holds: async (_context, { file, digest }) => existsSync(file) && (await readSplit(file)).digest === digest,

  summary: ({ train, validation, test, notes }) =>
    [`${train} patients to train on, ${validation} to watch it, ${test} held out`, ...notes].join('; '),
};
