import { raiseFault } from './errors';

const SPECIAL: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity, '+inf': Infinity };

/** Voxels written as text, with space or commas between them. */
export function textToNumbers(text: Buffer, voxels: number, file: string): Float64Array {
  const values = new Float64Array(voxels);
  let found = 0;
  for (const [word] of text.toString('latin1').matchAll(/[^\s,]+/g)) {
    const value = SPECIAL[word.toLowerCase()] ?? Number(word);
    if (Number.isNaN(value) && !(word.toLowerCase() in SPECIAL)) {
      throw raiseFault('CORRUPT', { file, why: `voxel ${found} is no number` });
    }
    if (found < voxels) values[found] = value;
    found++;
  }
  refuseOtherCount(found, voxels, file);
  return values;
}

/** Voxels written as two hexadecimal digits a byte. */
export function hexToBytes(text: Buffer, expected: number, file: string): Uint8Array<ArrayBuffer> {
  const digits = text.toString('latin1').replace(/\s+/g, '');
  if (!/^[0-9a-f]*$/i.test(digits)) throw raiseFault('CORRUPT', { file, why: 'not all of it is hexadecimal' });
  refuseOtherCount(digits.length / 2, expected, file);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

function refuseOtherCount(found: number, expected: number, file: string): void {
  if (found < expected) throw raiseFault('TRUNCATED', { file, found, expected });
  if (found > expected) throw raiseFault('WRONG_SIZE', { file, found, expected });
}
