import { dicomError } from './errors';

const ITEM = 0xfffee000;
const SEQUENCE_END = 0xfffee0dd;

/**
 * The code of each frame in encapsulated pixel data (PS3.5 A.4): a basic offset table, then fragments.
 *
 * @param bytes from the offset table on, little-endian
 */
export function framesInFragments(
  bytes: Uint8Array<ArrayBuffer>,
  frames: number,
  file: string,
): Uint8Array<ArrayBuffer>[] {
  const damaged = (why: string) => dicomError('DICOM_DAMAGED', { file, why });
  const [table, ...fragments] = readItems(bytes, damaged);
  if (!table || fragments.length === 0) throw damaged('its pixel data has no fragments');
  if (frames === 1) return [join(fragments)];
  if (fragments.length === frames) return fragments.map(({ data }) => data);
  if (fragments.length < frames) throw damaged(`it has ${fragments.length} fragments for ${frames} frames`);
  const offsets = offsetsIn(table.data, frames) ?? offsetsByEndMarker(fragments);
  if (offsets.length !== frames) throw damaged(`the offset table does not tell ${frames} frames apart`);
  return offsets.map((from, frame) => {
    const to = offsets[frame + 1] ?? Infinity;
    const ofFrame = fragments.filter(({ offset }) => offset >= from && offset < to);
    if (ofFrame.length === 0) throw damaged(`frame ${frame + 1} has no fragment`);
    return join(ofFrame);
  });
}

interface Fragment {
  /** Of its item tag, from the first item after the offset table. */
  offset: number;
  data: Uint8Array<ArrayBuffer>;
}

function readItems(bytes: Uint8Array<ArrayBuffer>, damaged: (why: string) => Error): Fragment[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const items: Fragment[] = [];
  let firstFragment = 0;
  let position = 0;
  for (;;) {
    if (position + 8 > bytes.length) throw damaged('its pixel data ends within its fragments');
    const tag = view.getUint16(position, true) * 0x10000 + view.getUint16(position + 2, true);
    const length = view.getUint32(position + 4, true);
    if (tag === SEQUENCE_END) return items;
    if (tag !== ITEM) throw damaged('its pixel data holds something else than fragments');
    if (length > bytes.length - position - 8) throw damaged('a fragment of its pixel data is cut off');
    items.push({ offset: position - firstFragment, data: bytes.subarray(position + 8, position + 8 + length) });
    position += 8 + length;
    if (items.length === 1) firstFragment = position;
  }
}

function offsetsIn(table: Uint8Array, frames: number): number[] | undefined {
  if (table.length !== 4 * frames) return undefined;
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  return Array.from({ length: frames }, (_, frame) => view.getUint32(4 * frame, true));
}

/** Without a table: a frame ends with the fragment that ends with an end-of-image marker, `FF D9` (and a padding byte). */
function offsetsByEndMarker(fragments: readonly Fragment[]): number[] {
  const ends = ({ data }: Fragment) => Buffer.from(data.subarray(-3)).includes(Buffer.from([0xff, 0xd9]));
  return fragments.filter((_, i) => i === 0 || ends(fragments[i - 1]!)).map(({ offset }) => offset);
}

function join(fragments: readonly Fragment[]): Uint8Array<ArrayBuffer> {
  if (fragments.length === 1) return fragments[0]!.data;
  const whole = new Uint8Array(fragments.reduce((sum, { data }) => sum + data.length, 0));
  let filled = 0;
  for (const { data } of fragments) {
    whole.set(data, filled);
    filled += data.length;
  }
  return whole;
}
