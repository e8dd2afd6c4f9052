import type { Stage } from '../stage';
import { classifyStage } from './classify';
import { dataStage } from './data';
import { deployStage } from './deploy';
import { registerStage } from './register';
import { splitStage } from './split';
import { trainStage } from './train';
import { validateStage } from './validate';

/** The life of a model, in the order in which it happens. */
export const stages: Stage[] = [
  dataStage,
  splitStage,
  trainStage,
  validateStage,
  registerStage,
  deployStage,
  classifyStage,
] as unknown as Stage[];
