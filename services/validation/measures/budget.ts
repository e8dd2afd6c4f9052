import type { Performance } from 'model-bundle';
import type { Measured } from '../figure';
import { measurePerformance } from '../performance';
import type { BudgetSection } from '../report/sections';
import type { Study } from '../study';

/**
 * Whether the model keeps its budget of time and memory. What was measured is given apart: the report only says
 * whether it is kept, so that the same model has the same report on a slower day.
 *
 * @throws VALIDATION_PERFORMANCE_FAILED
 */
export async function measureBudget({
  suite,
  bundle,
}: Study): Promise<Measured<BudgetSection | null> & { performance: Performance | null }> {
  if (!suite.budget) return { figures: {}, section: null, performance: null };
  const { latencyMs, memoryMb } = suite.budget;
  const performance = await measurePerformance(bundle);
  const budgets = [
    {
      name: 'latency',
      title: 'Time for one patch, 95th percentile',
      limit: latencyMs,
      unit: 'ms',
      kept: performance.latencyMs.p95 <= latencyMs,
    },
    {
      name: 'memory',
      title: 'Memory of the process, peak',
      limit: memoryMb,
      unit: 'MB',
      kept: performance.peakMemoryMb <= memoryMb,
    },
  ];
  const exceeded = budgets.filter(({ kept }) => !kept);
  return {
    figures: {
      'budget.exceeded': {
        title: 'Budgets that are exceeded',
        value: exceeded.length,
        n: budgets.length,
        of: 'budgets',
        interval: null,
        definition:
          'Time for one patch (95th percentile) and peak memory of a process that runs model.onnx on one thread, against the limits of the suite. The measured values stand in performance.json with the machine they belong to.',
      },
    },
    section: { budgets },
    performance,
  };
}
