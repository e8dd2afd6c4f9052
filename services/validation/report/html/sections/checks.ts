import { number } from '../../wording';
import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const checks: Section = ({ report }) => {
  const { bundleChecks, determinism, budget } = report;
  return html`${
    bundleChecks &&
    html`<h3>The bundle, before any case was scored</h3>
      ${table(
        [{ title: 'Looked at' }, { title: 'Found' }],
        bundleChecks.map(({ title, found }) => ({ cells: [title, found] })),
      )}`
  }
  ${
    determinism &&
    html`<h3>The same answer again</h3>
      ${table(
        [
          { title: 'Two ways that should agree' },
          { title: 'Patches', number: true },
          { title: 'Largest difference of a probability', number: true },
          { title: 'Tolerance', number: true },
        ],
        determinism.comparisons.map(({ title, patches, largestDifference, tolerance }) => ({
          cells: [title, patches, number(largestDifference), number(tolerance)],
          failed: largestDifference > tolerance,
        })),
      )}`
  }
  ${
    budget &&
    html`<h3>Budgets</h3>
      ${table(
        [{ title: 'Budget' }, { title: 'Limit', number: true }, { title: 'Kept' }],
        budget.budgets.map(({ title, limit, unit, kept }) => ({
          cells: [title, `${limit} ${unit}`, kept ? 'yes' : 'no'],
          failed: !kept,
        })),
      )}
      <p class="small">What was measured differs from run to run and stands in performance.json.</p>`
  }
  ${bundleChecks || determinism || budget ? null : html`<p>None of these were looked at.</p>`}`;
};
