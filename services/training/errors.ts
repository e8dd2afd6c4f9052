import { defineErrors } from 'coded-error';

export const trainingError = defineErrors({
  TRAINING_CONFIG_INVALID: {
    message: 'The training config is not valid: {problems}',
    hint: 'Correct the named keys; configs/ shows every key with its default.',
    status: 400,
  },
  TRAINING_CLASS_EMPTY: {
    message: 'The {part} part of the split holds no candidate of the class "{label}" ({count} candidates in all)',
    hint: 'Use more patients, another seed of the split, or other fractions, so that each part holds both classes.',
    status: 422,
  },
  TRAINING_CROP_INVALID: {
    message: 'a crop of {crop} voxels does not lie in the middle of a patch of {size}',
    hint: 'Along each axis take off an even number of voxels: model.crop=[16,32,32].',
    status: 422,
  },
  TRAINING_PATCH_TOO_SMALL: {
    message: 'A patch of {size} voxels cannot be halved {blocks} times',
    hint: 'Use a model with fewer blocks, or larger patches.',
    status: 422,
  },
  TRAINING_LOSS_NOT_FINITE: {
    message: 'The loss became {loss} in epoch {epoch}, batch {batch} (learning rate {learningRate})',
    hint: 'Lower optimizer.lr or lengthen its warm-up (optimizer.schedule.warmup), and look for damaged scans.',
  },
  TRAINING_INTERRUPTED: {
    message: 'Training was interrupted in epoch {epoch} after batch {batch}; the checkpoint is written',
    hint: 'Run the same command with the same run folder ({runDir}) again: it continues where it stopped.',
    status: 499,
  },
  TRAINING_CHECKPOINT_FOREIGN: {
    message: 'The checkpoint in {runDir} was made with another {what}',
    hint: 'Continue it with the config, data and split that it was begun with, or start in another run folder.',
    status: 409,
  },
  TRAINING_CHECKPOINT_CORRUPT: {
    message: 'The checkpoint {file} cannot be read: {reason}',
    hint: 'Remove the file to train from the start, or restore it from a backup.',
    status: 422,
  },
  TRAINING_ENGINE_MISSING: {
    message: 'The engine "{engine}" needs the npm package {package}, which cannot be loaded here: {reason}',
    hint: 'Install it (npm install {package}@{version}), or choose engine=onnx, which needs nothing more.',
    status: 424,
  },
  TRAINING_WEIGHTS_MISMATCH: {
    message: 'The weights do not fit the network: {reason}',
    hint: 'Choose the model whose channels and depth the weights were trained with.',
    status: 422,
  },
  TRAINING_NPZ_INVALID: {
    message: 'Not a readable .npz archive of float32 arrays: {reason}',
    hint: 'Save the weights with numpy.savez(file, **{name: tensor.numpy()}).',
    status: 422,
  },
  TRAINING_CALIBRATION_UNDEFINED: {
    message:
      'the validation split fixes no temperature: the model tells its classes apart without a mistake, or not at all',
    hint: 'Train with more patients in the validation split (split.validation), and calibrate that model.',
    status: 422,
  },
  TRAINING_CALIBRATION_OTHER_SPLIT: {
    message:
      'the split {found} in this dataset is not the validation split that the model was trained with, {expected}',
    hint: 'Name the dataset and the split of its training (--split); other patients would calibrate it on what it is judged by.',
    status: 409,
  },
  TRAINING_CALIBRATION_FOREIGN: {
    message: 'the bundle has no {file}: it was not written by `lungate train`',
    hint: 'Calibrate it where it was trained: divide its logits by a temperature before the softmax, and export it again.',
    status: 422,
  },
  TRAINING_CALIBRATION_OUT_EXISTS: {
    message: 'there is something at {dir}',
    hint: 'Name a folder that does not exist yet for the calibrated bundle.',
    status: 409,
  },
  TRAINING_TRACKING_FAILED: {
    message: 'The tracking server refused or did not answer: {reason}',
    hint: 'The checkpoint is kept in {runDir}: when the server answers again, run the same command and it goes on.',
    status: 502,
  },
});
