import type { Command } from 'commander';
import { registerCalibrateCommand } from './calibrate';
import { registerDataCommands } from './data';
import { registerDeployCommands } from './deploy';
import { registerFrocCommands } from './froc';
import { registerEvaluateCommand } from './evaluate';
import { registerGateCommands } from './gate';
import { registerPipelineCommand } from './pipeline';
import { registerRegistryCommands } from './registry';
import { registerServeCommands } from './serve';
import { registerSuiteCommand } from './suite';
import { registerTrainCommand } from './train';
import { registerValidateCommand } from './validate';

/** In the order of a model's life, which is the order of `lungate --help`. */
export const commands: ((program: Command) => void)[] = [
  registerPipelineCommand,
  registerDataCommands,
  registerTrainCommand,
  registerCalibrateCommand,
  registerSuiteCommand,
  registerValidateCommand,
  registerFrocCommands,
  registerEvaluateCommand,
  registerGateCommands,
  registerRegistryCommands,
  registerDeployCommands,
  registerServeCommands,
];
