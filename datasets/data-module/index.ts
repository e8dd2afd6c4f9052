export type { Batch } from './batch-stream';
export { type DataModule, type DataModuleOptions, type EpochOptions, openDataModule } from './data-module';
