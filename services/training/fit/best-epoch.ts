import type { EpochRecord } from '../checkpoint';
import type { Monitor, TrainingConfig } from '../config';

/** The monitored figure of an epoch, turned so that more is better; -∞ where the data could not give it. */
function merit({ validation }: EpochRecord, monitor: Monitor): number {
  if (monitor === 'val_loss') return -validation.loss;
  const metric = monitor.slice('val_'.length) as 'auc' | 'accuracy' | 'sensitivity' | 'specificity';
  return validation[metric] ?? -Infinity;
}

/** The first of the best epochs, or undefined before any has ended. */
export function bestEpoch(history: readonly EpochRecord[], monitor: Monitor): EpochRecord | undefined {
  return history.reduce<EpochRecord | undefined>(
    (best, record) => (best && merit(record, monitor) <= merit(best, monitor) ? best : record),
    undefined,
  );
}

/** Whether the last `patience` epochs brought no gain of more than `min_delta` over what came before them. */
export function shouldStopEarly(
  history: readonly EpochRecord[],
  { early_stopping: rule, monitor }: Pick<TrainingConfig['trainer'], 'early_stopping' | 'monitor'>,
): boolean {
  if (!rule) return false;
  let reference = -Infinity;
  let stale = 0;
  for (const record of history) {
    const gained = merit(record, monitor) > reference + rule.min_delta;
    stale = gained ? 0 : stale + 1;
    if (gained) reference = merit(record, monitor);
  }
  return stale >= rule.patience;
}
