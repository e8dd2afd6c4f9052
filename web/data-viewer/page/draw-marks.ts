import type { ListedCandidate, ScanDescription } from './api';
import { svg } from './element';
import { type Circle, type SlicePosition, type Tile, cutSphere, distanceToTile, onTile } from './marks';

/** What can be marked, with its place along the scan's axes. */
export interface Mark {
  kind: 'positive' | 'negative' | 'annotation';
  position: SlicePosition;
  diameterMm: number | null;
  candidate: ListedCandidate | null;
}

/** Canvas pixels of a mark without a diameter, for one pixel of the screen. */
const SIZE = 7;
/** Millimetres from its slice within which such a mark still shows. */
const NEAR_MM = 2;

export function marksOf(
  scan: ScanDescription,
  positionOf: (xyz: ScanDescription['middleXyz']) => SlicePosition,
): Mark[] {
  const candidates = scan.candidates.map((candidate): Mark => ({
    kind: candidate.label === 1 ? 'positive' : 'negative',
    position: positionOf(candidate.xyz),
    diameterMm: candidate.diameterMm,
    candidate,
  }));
  const annotations = scan.annotations.map(({ xyz, diameterMm }): Mark => ({
    kind: 'annotation',
    position: positionOf(xyz),
    diameterMm,
    candidate: null,
  }));
  return [...annotations, ...candidates];
}

/** Draws the marks of the slices that are on the stage. `pixelRatio`: canvas pixels for one of the screen. */
export function drawMarks(
  into: SVGSVGElement,
  canvas: { width: number; height: number },
  tiles: readonly Tile[],
  crosshair: SlicePosition,
  marks: readonly Mark[],
  { selected, pixelRatio }: { selected: ListedCandidate | undefined; pixelRatio: number },
): void {
  into.setAttribute('viewBox', `0 0 ${canvas.width} ${canvas.height}`);
  into.replaceChildren(
    ...tiles.flatMap((tile) =>
      marks.flatMap((mark) => {
        const isSelected = mark.candidate !== null && mark.candidate === selected;
        const shape = shapeOn(tile, crosshair, mark, SIZE * pixelRatio);
        if (!shape) return [];
        shape.setAttribute('class', `mark ${mark.kind}${isSelected ? ' selected' : ''}`);
        shape.setAttribute('data-plane', String(tile.axCorSag));
        if (mark.candidate) shape.setAttribute('data-id', mark.candidate.id);
        return [shape];
      }),
    ),
  );
}

function shapeOn(tile: Tile, crosshair: SlicePosition, mark: Mark, size: number): SVGElement | undefined {
  if (mark.diameterMm !== null) {
    const circle = cutSphere(tile, crosshair, mark.position, mark.diameterMm);
    return circle && svg('circle', { cx: circle.x, cy: circle.y, r: circle.radius });
  }
  if (distanceToTile(tile, crosshair, mark.position) > NEAR_MM) return undefined;
  const middle = onTile(tile, mark.position);
  if (!middle) return undefined;
  return mark.kind === 'negative'
    ? diamond({ ...middle, radius: size })
    : svg('circle', { cx: middle.x, cy: middle.y, r: size });
}

function diamond({ x, y, radius }: Circle): SVGElement {
  return svg('path', { d: `M${x} ${y - radius}l${radius} ${radius}l${-radius} ${radius}l${-radius} ${-radius}z` });
}

/** The shape of a kind of mark, for lists and the legend. */
export function shapeOf(kind: Mark['kind']): SVGElement {
  const icon = svg('svg', { viewBox: '0 0 12 12', class: 'shape', 'aria-hidden': 'true' });
  const shape = kind === 'negative' ? diamond({ x: 6, y: 6, radius: 5.5 }) : svg('circle', { cx: 6, cy: 6, r: 5 });
  shape.setAttribute('class', kind);
  icon.append(shape);
  return icon;
}
