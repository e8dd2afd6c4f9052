import type { Report } from '../schema';
import { championForestSpec } from './champion-forest';
import { decisionCurveSpec } from './decision-curve';
import { draw } from './draw';
import { frocSpec } from './froc';
import { histogramSpec } from './histogram';
import { precisionRecallSpec } from './precision-recall';
import { probeCurveSpec } from './probe-curve';
import { reliabilitySpec } from './reliability';
import { rocSpec } from './roc';
import { strataForestSpec } from './strata-forest';

/**
 * Vector figures of a report, as SVG text; null where the report lacks the section. They must read the same in grey:
 * shape, dash and luminance carry the meaning.
 */
export interface Plots {
  roc: string;
  precisionRecall: string;
  histograms: { positives: string; negatives: string };
  reliability: string;
  reliabilityEqualMass: string;
  froc: string | null;
  decision: string | null;
  strata: string | null;
  champion: string | null;
  /** By the probe's name. */
  probes: ReadonlyMap<string, string>;
}

export async function drawPlots(report: Report): Promise<Plots> {
  const { froc, decision, strata, champion } = report;
  return {
    roc: await draw('roc', rocSpec(report)),
    precisionRecall: await draw('precision-recall', precisionRecallSpec(report)),
    histograms: {
      positives: await draw('histogram-positives', histogramSpec(report, 'positives')),
      negatives: await draw('histogram-negatives', histogramSpec(report, 'negatives')),
    },
    reliability: await draw('reliability', reliabilitySpec(report, 'equalWidth')),
    reliabilityEqualMass: await draw('reliability-mass', reliabilitySpec(report, 'equalMass')),
    froc: froc && (await draw('froc', frocSpec(froc, report.figures))),
    decision: decision && (await draw('decision', decisionCurveSpec(decision))),
    strata: strata && (await draw('strata', strataForestSpec(strata))),
    champion: champion && (await draw('champion', championForestSpec(champion))),
    probes: await drawProbes(report),
  };
}

async function drawProbes({ probes, figures }: Report): Promise<Map<string, string>> {
  const drawn = new Map<string, string>();
  for (const probe of probes?.probes ?? []) {
    const title = figures[probes!.metric]?.title ?? probes!.metric;
    drawn.set(probe.name, await draw(`probe-${probe.name}`, probeCurveSpec(probe, probes!, title)));
  }
  return drawn;
}
