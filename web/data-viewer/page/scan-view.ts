import { DRAG_MODE, NVImage, Niivue, SHOW_RENDER, SLICE_TYPE } from '@niivue/niivue';
import { type Geometry, type Irc, type Xyz, xyzToIrc } from '../../../datasets/volume';
import type { SlicePosition, Tile } from './marks';
import type { GreyWindow } from './windows';

/** Where the crosshair is. */
export interface Place {
  xyz: Xyz;
  /** Nearest voxel. */
  irc: Irc;
  hu: number;
}

/** Plane that the arrow keys move through: Niivue's number of it. */
type Plane = 0 | 1 | 2;

const [AXIAL, CORONAL, SAGITTAL, RENDER] = [
  SLICE_TYPE.AXIAL,
  SLICE_TYPE.CORONAL,
  SLICE_TYPE.SAGITTAL,
  SLICE_TYPE.RENDER,
] as const;

type LayoutTile = { sliceType: SLICE_TYPE; position: [left: number, top: number, width: number, height: number] };
const whole = (sliceType: SLICE_TYPE): LayoutTile[] => [{ sliceType, position: [0, 0, 1, 1] }];

/** What the stage shows, in parts of its width and height. */
export const LAYOUTS: readonly { name: string; plane: Plane; tiles: LayoutTile[] }[] = [
  {
    name: 'Three planes',
    plane: 0,
    tiles: [
      { sliceType: AXIAL, position: [0, 0, 0.56, 1] },
      { sliceType: CORONAL, position: [0.57, 0, 0.43, 0.5] },
      { sliceType: SAGITTAL, position: [0.57, 0.5, 0.43, 0.5] },
    ],
  },
  { name: 'Axial', plane: 0, tiles: whole(AXIAL) },
  { name: 'Coronal', plane: 1, tiles: whole(CORONAL) },
  { name: 'Sagittal', plane: 2, tiles: whole(SAGITTAL) },
  { name: '3D', plane: 0, tiles: whole(RENDER) },
];

/** Niivue with our conventions: world millimetres are LPS, HU windows, and a call after each drawing. */
export class ScanView extends Niivue {
  onDrawn: () => void = () => undefined;
  onPlace: (place: Place) => void = () => undefined;
  onWindow: (window: GreyWindow) => void = () => undefined;
  #geometry: Geometry | undefined;
  #plane: Plane = 0;

  constructor() {
    super({
      backColor: [0, 0, 0, 1],
      crosshairColor: [0.35, 0.77, 0.87, 0.75],
      crosshairWidth: 0.35,
      crosshairWidthUnit: 'mm',
      crosshairGap: 24,
      show3Dcrosshair: true,
      isRadiologicalConvention: true,
      sagittalNoseLeft: true,
      isNearestInterpolation: true,
      dragMode: DRAG_MODE.windowing,
      multiplanarShowRender: SHOW_RENDER.NEVER,
      dragAndDropEnabled: false,
      viewModeHotKey: '',
      clipPlaneHotKey: '',
      cycleClipPlaneHotKey: '',
      loadingText: '',
      fontSizeScaling: 0.3,
      logLevel: 'error',
    });
    this.onLocationChange = () => {
      const place = this.place();
      if (place) this.onPlace(place);
    };
    this.onIntensityChange = () => {
      const { cal_min: low = 0, cal_max: high = 1 } = this.volumes[0] ?? {};
      this.onWindow({ level: (low + high) / 2, width: high - low });
    };
  }

  /** Shows another scan, from a NIfTI file in memory. */
  async show(file: ArrayBuffer, geometry: Geometry, { level, width }: GreyWindow): Promise<void> {
    this.clear();
    this.#geometry = geometry;
    const options = { url: 'scan.nii', name: 'scan.nii', buffer: file };
    this.addVolume(await NVImage.loadFromUrl({ ...options, cal_min: level - width / 2, cal_max: level + width / 2 }));
  }

  /** Takes the scan off the stage and out of memory. */
  clear(): void {
    while (this.volumes[0]) this.removeVolume(this.volumes[0]);
    this.#geometry = undefined;
  }

  setWindow({ level, width }: GreyWindow): void {
    const volume = this.volumes[0];
    if (!volume) return;
    volume.cal_min = level - width / 2;
    volume.cal_max = level + width / 2;
    this.updateGLVolume();
  }

  /** The scan's own range of values. */
  get range(): GreyWindow | undefined {
    const { global_min: low, global_max: high } = this.volumes[0] ?? {};
    return low === undefined || high === undefined ? undefined : { level: (low + high) / 2, width: high - low || 1 };
  }

  setLayout({ plane, tiles }: (typeof LAYOUTS)[number]): void {
    this.#plane = plane;
    const only = tiles.length === 1 ? tiles[0]!.sliceType : undefined;
    if (only === undefined) {
      this.setSliceType(SLICE_TYPE.MULTIPLANAR);
      this.setCustomLayout(tiles);
    } else {
      this.clearCustomLayout();
      this.setSliceType(only);
    }
  }

  moveTo(xyz: Xyz): void {
    if (!this.volumes[0]) return;
    this.scene.crosshairPos = this.mm2frac(toRas(xyz), 0, true);
    this.createOnLocationChange();
    this.drawScene();
  }

  /** Slices up (towards the head, the front or the right of the screen) or down. */
  moveBySlices(steps: number): void {
    if (!this.volumes[0]) return;
    const step: [number, number, number] = [0, 0, 0];
    step[([2, 1, 0] as const)[this.#plane]] = steps;
    this.moveCrosshairInVox(...step);
  }

  place(): Place | undefined {
    const volume = this.volumes[0];
    if (!volume || !this.#geometry) return undefined;
    const mm = this.frac2mm(this.scene.crosshairPos, 0, true);
    const [x = 0, y = 0, z = 0] = mm;
    const xyz: Xyz = [-x, -y, z];
    const [i, j, k] = volume.mm2vox([x, y, z]) as unknown as [number, number, number];
    const irc = xyzToIrc(xyz, this.#geometry).map((index, axis) =>
      Math.max(0, Math.min(this.#geometry!.size[axis]! - 1, Math.floor(index + 0.5))),
    );
    return { xyz, irc: irc as unknown as Irc, hu: volume.getValue(i, j, k) };
  }

  get crosshair(): SlicePosition {
    return this.#alongAxes(this.scene.crosshairPos);
  }

  /** Of a world position, in the millimetres that tiles are drawn in. */
  positionOf(xyz: Xyz): SlicePosition {
    return this.#alongAxes(this.mm2frac(toRas(xyz), 0, true));
  }

  get tiles(): readonly Tile[] {
    return this.volumes[0] ? this.screenSlices : [];
  }

  override drawScene(): string | undefined {
    const drawn = super.drawScene() as string | undefined;
    this.onDrawn();
    return drawn;
  }

  #alongAxes(fraction: Parameters<Niivue['frac2mm']>[0]): SlicePosition {
    const [x = 0, y = 0, z = 0] = this.frac2mm(fraction);
    return [x, y, z];
  }
}

function toRas([x, y, z]: Xyz): [number, number, number] {
  return [-x, -y, z];
}
