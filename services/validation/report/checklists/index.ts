import { outlineOf } from '../outline';
import type { Report } from '../schema';
import { CLAIM } from './claim';
import type { Coverage, Guideline, Item, Status } from './item';
import { TRIPOD_AI } from './tripod-ai';

export type { Guideline, Status } from './item';

/** An item of a guideline against the evidence. */
export interface Answer extends Omit<Item, 'coverage'>, Omit<Coverage, 'sections'> {
  /** Sections of report.html, with their numbers there. */
  sections: { id: string; number: number; title: string }[];
}

export interface Checklist extends Omit<Guideline, 'items'> {
  answers: Answer[];
}

/** TRIPOD+AI and CLAIM, each item with how far this evidence covers it. */
export function fillChecklists(report: Report): Checklist[] {
  const outline = new Map(outlineOf(report).map((heading) => [heading.id, heading]));
  return [TRIPOD_AI, CLAIM].map(({ items, ...guideline }) => ({
    ...guideline,
    answers: items.map(({ coverage, ...item }) => {
      const { sections, ...rest } = typeof coverage === 'function' ? coverage(report) : coverage;
      const found = sections.flatMap((id) => outline.get(id) ?? []);
      return { ...item, ...rest, sections: found };
    }),
  }));
}

/** How many items have each status, in the order of a sentence. */
export function tally({ answers }: Checklist): [Status, number][] {
  const order: Status[] = ['covered', 'partly', 'a person must write', 'does not apply'];
  return order.map((status) => [status, answers.filter((answer) => answer.status === status).length]);
}

/** reporting-checklist.csv: one row an item, to be filled further by a person. */
export function checklistCsv(report: Report): string {
  const rows = fillChecklists(report).flatMap(({ name, answers }) =>
    answers.map(({ number, topic, asks, status, sections, files, note }) => [
      name,
      number,
      topic,
      asks,
      status,
      [...sections.map((section) => `report.html ${section.number} ${section.title}`), ...files].join('; '),
      note,
    ]),
  );
  const header = ['guideline', 'item', 'topic', 'asks', 'status', 'where', 'note'];
  return `${[header, ...rows].map((row) => row.map(quoted).join(',')).join('\n')}\n`;
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
