import type { Picture } from '../../../study';
import type { Plots } from '../../plots';
import type { Report } from '../../schema';
import type { Markup } from '../markup';

/** What a section of the page is made of. */
export interface Sources {
  report: Report;
  plots: Plots;
  /** `candidate/<id>` for the worst cases, and what the measures drew under names of their own. */
  pictures: ReadonlyMap<string, Picture>;
}

/** The body of a section, without its heading. */
export type Section = (sources: Sources) => Markup;
