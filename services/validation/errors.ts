import { defineErrors } from 'coded-error';

/** Everything that can stop a validation. A stop is a refusal: no evidence is written. */
export const validationError = defineErrors({
  VALIDATION_NO_POSITIVES: {
    message: 'none of the {cases} cases is positive',
    hint: 'Sensitivity and AUC need both classes: choose a holdout with both in it.',
    status: 422,
  },
  VALIDATION_NO_NEGATIVES: {
    message: 'none of the {cases} cases is negative',
    hint: 'Specificity and AUC need both classes: choose a holdout with both in it.',
    status: 422,
  },
  VALIDATION_NO_NODULES: {
    message: 'the {scans} scans have no nodule',
    hint: 'FROC is about finding nodules: check that annotations and scans name the same series.',
    status: 422,
  },
  VALIDATION_NOTHING_TO_DETECT: {
    message: 'this dataset tells {labels}, and has no annotations of all that there is to find',
    hint: 'FROC files are for the task of finding nodules: dataset=luna16 with annotations.csv, or the phantom.',
    status: 422,
  },
  VALIDATION_OTHER_EVIDENCE: {
    message: 'the evidence is of the {what} {expected}, this one is {found}',
    hint: 'Give the overrides that name the dataset and the suite which the validation ran with.',
    status: 409,
  },
  VALIDATION_OTHER_MODEL: {
    message: 'the suite {suite} judges models registered as {model}, this one is {name}',
    hint: 'Name the suite of this model (suite.file), or freeze one: lungate suite freeze … registered_model_name={name}',
    status: 422,
  },
  VALIDATION_OTHER_LABELS: {
    message: 'the model tells {found} apart, the dataset {expected}',
    hint: 'Validate on a dataset of the same task: the same two class names in the same order.',
    status: 422,
  },
  VALIDATION_LENGTHS_DIFFER: {
    message: '{labels} labels stand against {scores} scores',
    hint: 'Give one score for each labelled case.',
    status: 422,
  },
  VALIDATION_NOT_PAIRED: {
    message: 'two models are compared on {first} and {second} cases that are not the same',
    hint: 'Score both models on the same cases, in the same order.',
    status: 422,
  },
  VALIDATION_LABEL_UNKNOWN: {
    message: 'case {index} has the label {label}, which is neither 0 nor 1',
    hint: 'Label every case 0 (negative) or 1 (positive).',
    status: 422,
  },
  VALIDATION_SCORE_NOT_FINITE: {
    message: 'case {index} has the score {score}',
    hint: 'The model gave no usable answer for this case: look for NaN or infinite weights.',
    status: 422,
  },
  VALIDATION_SCORE_NOT_PROBABILITY: {
    message: 'case {index} has the score {score}, outside [0, 1]',
    hint: 'Calibration needs probabilities: export the softmax of the logits as `probabilities`.',
    status: 422,
  },
  VALIDATION_SCORES_FILE_MISSING: {
    message: '{file} cannot be read',
    hint: 'Name a CSV file with a header line: id,label,score.',
    status: 404,
  },
  VALIDATION_SCORES_UNREADABLE: {
    message: '{file} is not a CSV file: {why}',
    hint: 'Separate cells by commas, and give every line as many cells as the header has.',
    status: 422,
  },
  VALIDATION_SCORES_COLUMN_MISSING: {
    message: '{file} has no column {column}',
    hint: 'Name the one that holds it: --{role} <column>. The file has: {columns}.',
    status: 422,
  },
  VALIDATION_LABEL_MISSING: {
    message: '{file}, line {line}: the label is missing',
    hint: 'Label every case, or take it out of the file and say so.',
    status: 422,
  },
  VALIDATION_SCORE_MISSING: {
    message: '{file}, line {line}: the score is missing',
    hint: 'A case that the model gave no answer for counts too: give it the score that use would give it.',
    status: 422,
  },
  VALIDATION_PATIENT_MISSING: {
    message: '{file}, line {line}: the patient is missing',
    hint: 'Name the patient of every case, or take the column out: then each case counts by itself.',
    status: 422,
  },
  VALIDATION_CASE_TWICE: {
    message: '{file}, lines {first} and {second}: the same id stands twice',
    hint: 'Keep each case once. Ids that repeat on purpose are no ids: name another column with --id.',
    status: 422,
  },
  VALIDATION_CLASS_UNKNOWN: {
    message: 'case {index} has the label {label}, which is none of the {classes} classes',
    hint: 'Label every case with one of the classes that the model gives a probability for.',
    status: 422,
  },
  VALIDATION_CLASSES_NOT_ONE: {
    message: 'the probabilities of case {index} add up to {sum}, those of all {classes} classes must add up to 1',
    hint: 'Give the probability of each class: the softmax of the logits.',
    status: 422,
  },
  VALIDATION_PROPORTION_INVALID: {
    message: '{successes} of {trials} is not a proportion',
    hint: 'Give at least one trial, and no more successes than trials.',
    status: 422,
  },
  VALIDATION_TOO_FEW_PATIENTS: {
    message: 'an interval over patients needs at least two of them, {patients} given',
    hint: 'Use cases of more patients: freeze the suite on a larger holdout.',
    status: 422,
  },
  VALIDATION_BOOTSTRAP_UNDEFINED: {
    message: 'only {usable} of {resamples} resamples had both classes',
    hint: 'Use cases of more patients, so that a resample of them rarely lacks a class: freeze the suite on a larger holdout.',
    status: 422,
  },
  VALIDATION_SUITE_MISSING: {
    message: 'there is no suite at {path}',
    hint: 'Name a suite file, for example configs/suite/nodule-classifier.yaml.',
    status: 404,
  },
  VALIDATION_SUITE_INVALID: {
    message: 'the suite {path} is not valid: {problems}',
    hint: 'Correct the named fields; configs/suite/nodule-classifier.yaml shows them all. Rules stand in the policy of the gate (configs/gate).',
    status: 422,
  },
  VALIDATION_POLICY_MISSING: {
    message: 'there is no policy of the gate at {path}',
    hint: 'The rules stand beside the suite, where `lungate suite freeze` writes them; gate.file=<policy.yaml> names another.',
    status: 404,
  },
  VALIDATION_POLICY_INVALID: {
    message: 'the policy {path} is not valid: {problems}',
    hint: 'Correct the named fields; configs/gate/nodule-classifier.yaml shows them all.',
    status: 422,
  },
  VALIDATION_POLICY_OF_OTHER_MODEL: {
    message: 'the policy {policy} is for models registered as {model}, the suite {suite} judges {judged}',
    hint: 'Name the policy of this model (gate.file), or write one: set its `model` to {judged}.',
    status: 422,
  },
  VALIDATION_STRATUM_UNKNOWN: {
    message: 'the dataset does not tell `{dimension}` of any case of the holdout',
    hint: 'Leave it out of strata.by in the suite, or tell it in a column of series.csv. The dataset tells: {told}.',
    status: 422,
  },
  VALIDATION_STRATUM_EMPTY: {
    message: 'no case of the holdout lies in the stratum {dimension}: {level}',
    hint: 'Choose other levels in strata.by of the suite, or freeze it on a holdout that has such cases.',
    status: 422,
  },
  VALIDATION_STRATUM_UNLISTED: {
    message: 'the holdout has cases of {dimension}: {value}, which the suite does not list ({levels})',
    hint: 'List every level in strata.by of the suite, or write `all`.',
    status: 422,
  },
  VALIDATION_STRATUM_NOT_A_NUMBER: {
    message: 'the suite gives edges for {dimension}, and the holdout has `{value}` there',
    hint: 'Write `all` or the words in strata.by of the suite, or correct series.csv.',
    status: 422,
  },
  VALIDATION_STRATUM_TOO_MANY_LEVELS: {
    message: '{dimension} has {levels} levels in the holdout, more than {most}',
    hint: 'Strata are few and have many cases each: for numbers give edges in strata.by of the suite.',
    status: 422,
  },
  VALIDATION_EVIDENCE_CONTRADICTS: {
    message: 'the evidence is signed, and contradicts itself:{problems}',
    hint: 'Do not rely on it: what was signed is not what this version of Lungate measures. Validate the model again.',
    status: 422,
  },
  VALIDATION_EVIDENCE_OTHER_POLICY: {
    message: 'the policy {path} is {found}, the evidence was judged by {expected}',
    hint: 'Give the policy as it was then, or validate the model again by this one.',
    status: 409,
  },
  VALIDATION_EVIDENCE_OTHER_SUITE: {
    message: 'the suite {path} is {found}, the evidence came from {expected}',
    hint: 'Give the suite as it was then, or validate the model again by this one.',
    status: 409,
  },
  VALIDATION_HOLDOUT_UNKNOWN_PATIENT: {
    message: 'the dataset {dataset} lacks {missing} of the {patients} patients that the suite holds out',
    hint: 'Validate on the dataset that the suite was frozen on, or freeze a new suite: `lungate suite freeze`.',
    status: 409,
  },
  VALIDATION_HOLDOUT_MISMATCH: {
    message: 'the holdout in dataset {dataset} has the digest {found}, the suite pins {expected}',
    hint: 'The data changed since the suite was frozen. Restore it, or freeze a new suite: `lungate suite freeze`.',
    status: 409,
  },
  VALIDATION_LEAK: {
    message: 'the model saw holdout data in {part}: series {series}',
    hint: 'Train again with the holdout of the suite left out; these figures would be too good.',
    status: 409,
  },
  VALIDATION_LEDGER_EDITED: {
    message: 'the ledger of this holdout, {path}, was changed after it was written: {problem}',
    hint: 'Restore it from a backup: without it nobody can say how often the holdout was used. Where there is none, freeze a suite on patients that were not held out before.',
    status: 409,
  },
  VALIDATION_LEDGER_BUSY: {
    message: 'another process holds the ledger {path}',
    hint: 'Wait for it to end, then run this again.',
    status: 503,
  },
  VALIDATION_CHAMPION_SAW_HOLDOUT: {
    message: 'the champion {version} saw holdout data in {part}: series {series}',
    hint: 'A comparison on these cases would be unfair to every other model. Freeze a suite on patients that no version was trained on, or judge without it: --champion none',
    status: 409,
  },
  VALIDATION_CHAMPION_OTHER_LABELS: {
    message: 'the champion {version} tells {found} apart, the dataset {expected}',
    hint: 'It answers another question: register this model under another name, or judge without the champion: --champion none',
    status: 422,
  },
  VALIDATION_SPLIT_MISMATCH: {
    message: 'the split given is {found}, the model was trained on {expected}',
    hint: 'Pass the split that stands in the lineage of the model bundle.',
    status: 409,
  },
  VALIDATION_CONTRACT_BROKEN: {
    message: 'the model does not keep its signature: {problem}',
    hint: 'Export the model again; signature.json must describe model.onnx.',
    status: 422,
  },
  VALIDATION_NO_GOLDEN_CASES: {
    message: 'the suite replays golden cases and the bundle {bundle} has none',
    hint: 'Train with golden cases written to the bundle, or leave `goldenCases` out of the suite.',
    status: 422,
  },
  VALIDATION_METRIC_UNKNOWN: {
    message: '{who} asks for {metric}, which this validation does not measure; the nearest are {nearest}',
    hint: 'Use one of: {known}.',
    status: 422,
  },
  VALIDATION_METRIC_NOT_ASKED: {
    message: '{who} asks for {metric}, and the suite {suite} does not measure it: it has no key {key}',
    hint: 'Add the key {key} to the suite (configs/suite/nodule-classifier.yaml shows it), or take the rule out of the policy.',
    status: 422,
  },
  VALIDATION_RULE_TWICE: {
    message: 'two rules are called "{rule}": those of the policy {policy} and of the suite must have different names',
    hint: 'Rename the one in the policy.',
    status: 422,
  },
  VALIDATION_PLAN_RULE_UNKNOWN: {
    message:
      'the change control plan of the policy says of "{what}" that the rule "{rule}" catches it, and there is none; the nearest is "{nearest}"',
    hint: 'Name one of these: {known}.',
    status: 422,
  },
  VALIDATION_SCORING_FAILED: {
    message: 'the model could not be run: {problem}',
    hint: 'Check that onnxruntime can load model.onnx on this machine.',
  },
});
