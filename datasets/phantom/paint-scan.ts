import { acquire } from './acquire';
import { paintBones } from './bones';
import { paintDistractor } from './false-candidates';
import { fillTissue } from './fill-tissue';
import { emptyGrid, type Grid } from './grid';
import { paintLungTrees, paintMediastinum } from './lung-trees';
import { paintNodule } from './nodules';
import type { ScanPlan } from './plan';

/** Paints a planned scan: tissue, organs, bones, vessels, findings, and then what the scanner makes of them. */
export function paintScan(plan: ScanPlan): Grid {
  const { thorax, protocol, random } = plan;
  const grid = emptyGrid(protocol, plan.field, plan.middle);
  fillTissue(grid, thorax, plan.lungs, random.fork('tissue'));
  paintMediastinum(grid, thorax, protocol);
  paintBones(grid, thorax);
  paintLungTrees(grid, plan.trees, protocol);
  for (const distractor of plan.distractors) paintDistractor(grid, distractor);
  for (const nodule of plan.nodules) paintNodule(grid, nodule, protocol.blood, plan.difficulty.contrast);
  acquire(grid, protocol, random.fork('acquisition'));
  return grid;
}
