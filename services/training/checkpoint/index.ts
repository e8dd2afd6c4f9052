export {
  checkpointPath,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
  type EpochRecord,
  type RunIdentity,
} from './checkpoint';
