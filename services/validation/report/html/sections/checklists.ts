import { type Answer, type Checklist, fillChecklists, tally } from '../../checklists';
import { html, joined, type Markup, type Part } from '../markup';
import { table } from '../table';
import type { Section } from './section';

/** Marks that differ in form, not in colour. */
const MARKS = { covered: '●', partly: '◐', 'a person must write': '○', 'does not apply': '–' } as const;

export const checklists: Section = ({ report }) =>
  html`<p>
      What this evidence says for the items of two guidelines, and what a person must still write. The items are in our
      words: the published ones count. ● covered, ◐ partly, ○ a person must write, – does not apply.
    </p>
    ${fillChecklists(report).map(checklist)}`;

function checklist(guideline: Checklist): Markup {
  const counts = tally(guideline)
    .filter(([, n]) => n > 0)
    .map(([status, n]) => `${n} ${status}`);
  return html`<h3>${guideline.title}</h3>
    <p class="small">${guideline.source}. ${guideline.answers.length} items: ${counts.join(', ')}.</p>
    ${table(
      [{ title: 'Item' }, { title: 'Asks for' }, { title: '' }, { title: 'In this evidence' }],
      guideline.answers.map((answer) => ({
        cells: [answer.number, html`<b>${answer.topic}.</b> ${answer.asks}`, mark(answer), where(answer)],
      })),
      'compact',
    )}`;
}

function mark({ status }: Answer): Markup {
  return html`<span role="img" aria-label="${status}" title="${status}">${MARKS[status]}</span>`;
}

function where({ sections, files, note }: Answer): Part {
  const places: Markup[] = [
    ...sections.map(({ id, number, title }) => html`<a href="#${id}" title="${title}">§ ${number}</a>`),
    ...files.map((file) => html`<code>${file}</code>`),
  ];
  return html`${joined(places, ', ')}${places.length > 0 && note !== '' ? '. ' : null}${note}`;
}
