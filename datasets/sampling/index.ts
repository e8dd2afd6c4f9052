export { type Batch, type BatchOptions, batches } from './batches';
