import { intervalText, number, signed } from '../../wording';
import { plotFigure } from '../figure';
import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const champion: Section = ({ report, plots }) => {
  const { version, bundle, threshold, endpoints, mcnemar } = report.champion!;
  return html`<p>
      The champion is <b>${version}</b> at its own operating point, ${number(threshold)}
      <small><code>${bundle}</code></small
      >. Both scored the same cases.
    </p>
    ${plotFigure(plots.champion!, 'Challenger minus champion', 'Paired 95 % intervals. The grey tick left of zero is the margin: how much worse would still not matter.', true)}
    ${table(
      [
        { title: 'Endpoint' },
        { title: 'Challenger', number: true },
        { title: 'Champion', number: true },
        { title: 'Difference', number: true },
        { title: '95 % interval' },
        { title: 'p (Holm)', number: true },
        { title: 'Verdict' },
      ],
      endpoints.map((endpoint) => ({
        cells: [
          html`${endpoint.title}<br /><small>${endpoint.n} ${endpoint.of}, margin ${number(endpoint.margin)}</small>`,
          number(endpoint.challenger),
          number(endpoint.champion),
          signed(endpoint.difference),
          html`${intervalText(endpoint.interval)}<br /><small>${endpoint.interval.method}</small>`,
          html`${number(endpoint.p)} (${number(endpoint.adjustedP)})`,
          endpoint.verdict,
        ],
        failed: endpoint.verdict === 'inferior',
      })),
    )}
    <p class="small">
      Superior: the whole interval is above zero, and p after Holm's correction over the endpoints (in brackets) is
      below 0.05. Non-inferior: the whole interval is above minus the margin. Inferior: it is wholly below minus the
      margin. Inconclusive: minus the margin lies in the interval (Piaggio et al., JAMA 2012). p is two-sided, of no
      difference.
    </p>
    <p>
      ${mcnemar.onlyChallengerRight} candidates only the challenger gets right, ${mcnemar.onlyChampionRight} only the
      champion, ${mcnemar.bothRight} both, ${mcnemar.bothWrong} neither (McNemar: p = ${number(mcnemar.p)}).
    </p>`;
};
