/**
 * A figure with what it rests on. It describes itself, so that a report, a rule or a table needs nothing else to show
 * it, and a reader of report.json no manual.
 */
export interface Figure {
  /** As a heading: `ROC AUC`. */
  title: string;
  /** Null where these cases do not define it, such as a PPV where nothing was called positive. */
  value: number | null;
  /** How many of what it rests on: 214 `candidates`, 31 `nodules`, 4 `scans`. */
  n: number;
  of: string;
  /** 95 %; null where a figure is exact, or where the cases define no interval. */
  interval: { lower: number; upper: number; method: string } | null;
  /** What it is, in a sentence or two, with its source. */
  definition: string;
}

/**
 * Every figure of a validation, by the name that a rule asks for: `auc`, `froc.cpm`, `probe.noise.drop`,
 * `champion.auc.difference`. In the order in which they are shown.
 */
export type Figures = Record<string, Figure>;

/** What one measure gives: figures that rules may ask for, and the section that the report keeps and draws. */
export interface Measured<Section> {
  figures: Figures;
  section: Section;
}
