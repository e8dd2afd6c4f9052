import type { Xyz } from '../../../datasets/volume';
import { type ListedCandidate, type ScanDescription, getPatches, getScan, getSource, getVolume } from './api';
import { type Mark, drawMarks, marksOf, shapeOf } from './draw-marks';
import { choose, element, listItem, radioButtons, setCurrent } from './element';
import { findMissed } from './find-missed';
import { listenToKeys } from './keys';
import { showError, showLoading } from './messages';
import { type PatchStrip, showPatches } from './patch-strip';
import { LAYOUTS, type Place, ScanView } from './scan-view';
import { type GreyWindow, PRESETS } from './windows';

const VARIATIONS = 4;

const canvas = element('scan', HTMLCanvasElement);
const overlay = element('marks', SVGSVGElement);
const view = new ScanView();
const source = await getSource().catch((error: unknown) => {
  showError(error);
  throw error;
});

let scanIndex = -1;
let scan: ScanDescription | undefined;
let marks: Mark[] = [];
let withoutCandidate: ListedCandidate[] = [];
let selected: ListedCandidate | undefined;
let grey: GreyWindow = PRESETS[0]!.window!;
let layout = 0;
let patchXyz: Xyz | undefined;
let strip: PatchStrip | undefined;
let loading = new AbortController();
let cutting = new AbortController();

const seedInput = element('seed', HTMLInputElement);
const depthInput = element('depth', HTMLInputElement);
const onlyPositives = element('only-positives', HTMLInputElement);
const showMarks = element('show-marks', HTMLInputElement);
const [negative, positive] = source.labels ?? ['', ''];

// --- scans ---------------------------------------------------------------------------------------------------------

function listScans(): void {
  const wanted = element('scan-search', HTMLInputElement).value.trim();
  const items = source.scans.flatMap(({ name, candidates, positives }, index) => {
    if (!name.includes(wanted)) return [];
    const counts = source.labels ? `${positives} / ${candidates}` : '';
    const title = source.labels ? `${name}\n${positives} ${positive}, ${candidates} candidates` : name;
    const item = listItem(null, shortName(name, index), counts, title, () => void openScan(index));
    item.dataset['scan'] = String(index);
    return [item];
  });
  element('scans').replaceChildren(...items);
  markScan();
}

function markScan(): void {
  const list = element('scans');
  setCurrent(list, list.querySelector(`[data-scan="${scanIndex}"]`) ?? undefined);
}

/** Series UIDs differ in their last digits. */
function shortName(name: string, index: number): string {
  return name.length > 24 ? `${index + 1}. …${name.slice(-16)}` : name;
}

async function openScan(index: number): Promise<void> {
  if (!(index in source.scans)) return;
  loading.abort();
  const { signal } = (loading = new AbortController());
  scanIndex = index;
  forgetScan();
  markScan();
  try {
    showLoading('Reading the scan');
    const described = await getScan(index, signal);
    const file = await getVolume(
      index,
      described.bytes,
      (part) => {
        showLoading('Loading the scan', part);
      },
      signal,
    );
    await view.show(file, described, grey);
    // Another scan may have been chosen while this one was unpacked.
    if (scanIndex !== index) return;
    scan = described;
    withoutCandidate = findMissed(described);
    marks = marksOf(described, (xyz) => view.positionOf(xyz));
    listCandidates();
    const first = visibleCandidates().find(({ label }) => label === 1) ?? visibleCandidates()[0];
    if (first) select(first);
    else lookAt(described.middleXyz);
  } catch (error) {
    if (!signal.aborted) showError(error);
  } finally {
    if (!signal.aborted) element('loading').hidden = true;
  }
}

function forgetScan(): void {
  view.clear();
  view.drawScene();
  [scan, marks, withoutCandidate, selected, patchXyz, strip] = [undefined, [], [], undefined, undefined, undefined];
  element('notice').hidden = true;
  element('place').replaceChildren();
  element('patches').replaceChildren();
  listCandidates();
}

// --- candidates ----------------------------------------------------------------------------------------------------

function visibleCandidates(): readonly ListedCandidate[] {
  return [...(scan?.candidates ?? []), ...withoutCandidate].filter(
    ({ label }) => label === 1 || !onlyPositives.checked,
  );
}

function listCandidates(): void {
  const candidates = visibleCandidates();
  const kinds = ['negative', 'positive'] as const;
  element('candidates').replaceChildren(
    ...candidates.map((candidate) => {
      const { id, xyz, label, diameterMm } = candidate;
      const isMissed = withoutCandidate.includes(candidate);
      const name = `${isMissed ? 'annotation' : (source.labels?.[label] ?? '')}${diameterMm === null ? '' : ` ${diameterMm.toFixed(1)} mm`}`;
      const place = xyz.map((mm) => mm.toFixed(0)).join(', ');
      const item = listItem(
        shapeOf(isMissed ? 'annotation' : kinds[label]),
        name,
        place,
        `${id}\n${xyz.join(', ')} mm`,
        () => {
          select(candidate);
        },
      );
      item.dataset['id'] = id;
      return item;
    }),
  );
  element('candidate-count').textContent = scan
    ? `${candidates.length} of ${scan.candidates.length + withoutCandidate.length}`
    : '';
  markCandidate();
}

function markCandidate(): void {
  const list = element('candidates');
  setCurrent(list, selected && (list.querySelector(`[data-id="${selected.id}"]`) ?? undefined));
}

function select(candidate: ListedCandidate): void {
  selected = candidate;
  markCandidate();
  lookAt(candidate.xyz);
}

/** The next candidate of the list, or the one before; round and round. */
function step(by: 1 | -1): void {
  const candidates = visibleCandidates();
  if (candidates.length === 0) return;
  const at = selected ? candidates.indexOf(selected) : -1;
  const next = at < 0 ? (by === 1 ? 0 : candidates.length - 1) : (at + by + candidates.length) % candidates.length;
  select(candidates[next]!);
}

function lookAt(xyz: Xyz): void {
  view.moveTo(xyz);
  void cutPatches(xyz);
}

// --- patches -------------------------------------------------------------------------------------------------------

async function cutPatches(xyz: Xyz): Promise<void> {
  if (!scan) return;
  cutting.abort();
  const { signal } = (cutting = new AbortController());
  patchXyz = xyz;
  const { spacingXyz } = scan;
  try {
    const seed = Math.max(0, Math.floor(seedInput.valueAsNumber) || 0);
    const hu = await getPatches(scanIndex, xyz, { count: VARIATIONS, seed }, signal);
    const step = source.resampleMm;
    strip = { hu, size: source.patchSize, spacingXyz: step === null ? spacingXyz : [step, step, step] };
    drawPatches();
  } catch (error) {
    if (!signal.aborted) showError(error);
  }
}

function drawPatches(): void {
  if (strip) showPatches(element('patches'), strip, depthInput.valueAsNumber, grey);
}

// --- window, layout, place -----------------------------------------------------------------------------------------

function setPreset(index: number): void {
  const window = PRESETS[index]!.window ?? view.range;
  if (!window) return;
  view.setWindow(window);
  tellWindow(window);
}

function tellWindow(window: GreyWindow): void {
  grey = window;
  const same = (other: GreyWindow | null | undefined) =>
    other && Math.abs(other.level - window.level) < 0.5 && Math.abs(other.width - window.width) < 0.5;
  choose(
    element('windows'),
    PRESETS.findIndex((preset) => same(preset.window ?? view.range)),
  );
  element('window').textContent = `${Math.round(window.level)} / ${Math.round(window.width)}`;
  drawPatches();
}

function setLayout(index: number): void {
  layout = index % LAYOUTS.length;
  choose(element('layouts'), layout);
  view.setLayout(LAYOUTS[layout]!);
}

function tellPlace({ xyz, irc, hu }: Place): void {
  const bold = (text: string) => Object.assign(document.createElement('b'), { textContent: text });
  const out = element('place');
  out.replaceChildren(
    'HU ',
    bold(String(Math.round(hu * 1000) / 1000)),
    'slice, row, column ',
    bold(irc.join(', ')),
    'LPS ',
    bold(`${xyz.map((mm) => mm.toFixed(1)).join(', ')} mm`),
  );
  Object.assign(out.dataset, { hu: String(hu), irc: irc.join(), xyz: xyz.join() });
}

function redrawMarks(): void {
  const visible = showMarks.checked ? marks.filter(({ kind }) => kind !== 'negative' || !onlyPositives.checked) : [];
  const pixelRatio = canvas.width / Math.max(1, canvas.clientWidth);
  drawMarks(overlay, canvas, view.tiles, view.crosshair, visible, { selected, pixelRatio });
}

// --- keys and buttons ----------------------------------------------------------------------------------------------

function toggle(box: HTMLInputElement): void {
  box.checked = !box.checked;
  box.dispatchEvent(new Event('change'));
}

function cutAtCrosshair(): void {
  const place = view.place();
  if (place) void cutPatches(place.xyz);
}

function cutOthers(): void {
  seedInput.value = String((seedInput.valueAsNumber || 0) + 1);
  if (patchXyz) void cutPatches(patchXyz);
}

const KEYS: Record<string, () => void> = {
  n: () => {
    step(1);
  },
  p: () => {
    step(-1);
  },
  f: () => {
    toggle(onlyPositives);
  },
  m: () => {
    toggle(showMarks);
  },
  l: () => {
    setLayout(layout + 1);
  },
  x: cutAtCrosshair,
  r: cutOthers,
  '[': () => void openScan(scanIndex - 1),
  ']': () => void openScan(scanIndex + 1),
  ArrowUp: () => {
    view.moveBySlices(1);
  },
  ArrowDown: () => {
    view.moveBySlices(-1);
  },
  '?': () => {
    element('help', HTMLDialogElement).showModal();
  },
};
PRESETS.forEach((_, index) => {
  KEYS[String(index + 1)] = () => {
    setPreset(index);
  };
});

listenToKeys(KEYS);

// --- start ---------------------------------------------------------------------------------------------------------

function describe(): void {
  document.title = `${source.title} · Lungate`;
  element('title').textContent = source.title;
  element('synthetic').hidden = !source.synthetic;
  element('scan-count').textContent = source.labels ? `${positive} / all` : String(source.scans.length);
  element('scan-search').hidden = source.scans.length < 12;
  element('candidates-panel').hidden = source.labels === null;
  const size = source.patchSize.join(' × ');
  const spacing = source.resampleMm === null ? 'of the scan’s own spacing' : `${source.resampleMm} mm apart`;
  element('patch-note').textContent =
    `As the model sees it: ${size} voxels ${spacing}.` + (source.augmented ? '' : ' Training does not vary it.');
  for (const id of ['seed-label', 'again']) element(id).hidden = !source.augmented;
  depthInput.max = String(source.patchSize[0] - 1);
  depthInput.value = String(source.patchSize[0] >> 1);
  for (const [kind, text] of [
    ['positive', positive],
    ['negative', negative],
    ['annotation', 'annotation'],
  ] as const) {
    const entry = element('legend').appendChild(document.createElement('span'));
    entry.append(shapeOf(kind), text);
  }
}

describe();
radioButtons(
  element('windows'),
  PRESETS.map(({ name }) => name),
  setPreset,
);
radioButtons(
  element('layouts'),
  LAYOUTS.map(({ name }) => name),
  setLayout,
);
view.onDrawn = redrawMarks;
view.onPlace = tellPlace;
view.onWindow = tellWindow;
onlyPositives.addEventListener('change', () => {
  listCandidates();
  redrawMarks();
});
showMarks.addEventListener('change', redrawMarks);
element('scan-search').addEventListener('input', listScans);
element('help-button').addEventListener('click', () => {
  KEYS['?']!();
});
element('again').addEventListener('click', cutOthers);
element('here').addEventListener('click', cutAtCrosshair);
seedInput.addEventListener('change', () => {
  if (patchXyz) void cutPatches(patchXyz);
});
depthInput.addEventListener('input', drawPatches);

await view.attachToCanvas(canvas);
setLayout(0);
tellWindow(grey);
listScans();
await openScan(0);
