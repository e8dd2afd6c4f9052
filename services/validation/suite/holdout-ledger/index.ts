export type { HoldoutEntry } from './entries';
export { countUses, type HoldoutUse, readHoldoutUses, recordHoldoutUse } from './record-use';
