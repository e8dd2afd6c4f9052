import { nrrdError } from './errors';

/** More than any header of a real image, a list of the files of two thousand slices included. */
export const LONGEST_HEADER = 1 << 18;

/** Whether bytes begin like a NRRD file. */
export function looksLikeNrrd(bytes: Uint8Array): boolean {
  return /^NRRD000[1-6]\r?\n/.test(
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 10)).toString('latin1'),
  );
}

/** A header's fields, checked as they are taken. Names count without spaces and case: `space directions` and `Spacedirections`. */
export class NrrdFields {
  private readonly values = new Map<string, string>();
  /** The lines that follow `data file: LIST`. */
  readonly list: readonly string[] = [];
  /** Length of the header with the empty line that ends it, where attached voxels begin. */
  readonly headerBytes: number;

  constructor(
    bytes: Uint8Array,
    readonly file: string,
  ) {
    if (!looksLikeNrrd(bytes)) throw nrrdError('NRRD_NOT_A_HEADER', { file, why: 'it does not begin with NRRD000' });
    const length = Math.min(bytes.length, LONGEST_HEADER);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
    let start = text.indexOf('\n') + 1;
    while (start < text.length) {
      const newline = text.indexOf('\n', start);
      const end = newline === -1 ? text.length : newline;
      const line = text.slice(start, end).trimEnd();
      start = end + 1;
      if (line === '') break;
      this.take(line);
      if (this.value('data file')?.startsWith('LIST') === true) {
        this.list = (text.slice(start).match(/[^\r\n]+/g) ?? [])
          .map((name) => name.trim())
          .filter((name) => name !== '');
        break;
      }
    }
    this.headerBytes = Math.min(start, bytes.length);
  }

  private take(line: string): void {
    if (line.startsWith('#') || line.includes(':=')) return;
    const colon = line.indexOf(':');
    if (colon === -1) {
      throw nrrdError('NRRD_NOT_A_HEADER', { file: this.file, why: 'a line of it is no `field: value`' });
    }
    this.values.set(plain(line.slice(0, colon)), line.slice(colon + 1).trim());
  }

  value(field: string): string | undefined {
    return this.values.get(plain(field));
  }

  text(field: string): string {
    const value = this.value(field);
    if (value === undefined) throw nrrdError('NRRD_MISSING_FIELD', { file: this.file, field });
    return value;
  }

  /** As many numbers as `count`. */
  numbers(field: string, count: number, isValid: (value: number) => boolean): number[] {
    const numbers = this.text(field).split(/\s+/).map(toNumber);
    if (numbers.length !== count) throw this.bad(field, `${count} numbers are expected`);
    if (!numbers.every(isValid)) throw this.bad(field, 'a value is out of range');
    return numbers;
  }

  /** A whole number; `missing` where the field is not there. */
  count(field: string, missing: number, least: number): number {
    if (this.value(field) === undefined) return missing;
    return this.numbers(field, 1, (value) => Number.isSafeInteger(value) && value >= least)[0]!;
  }

  /** A vector an axis, `undefined` for `none`. */
  vectors(field: string, count: number): (number[] | undefined)[] {
    const parts = this.text(field).match(/\([^()]*\)|none|\S+/gi) ?? [];
    if (parts.length !== count) throw this.bad(field, `${count} vectors are expected`);
    return parts.map((part) => {
      if (part.toLowerCase() === 'none') return undefined;
      const numbers = part.startsWith('(') ? part.slice(1, -1).split(',').map(toNumber) : [];
      if (numbers.length < 2 || numbers.length > 3 || !numbers.every(Number.isFinite)) {
        throw this.bad(field, 'a vector like (0,0,2.5) is expected');
      }
      return numbers;
    });
  }

  bad(field: string, why: string): Error {
    return nrrdError('NRRD_BAD_VALUE', { file: this.file, field, value: this.text(field), why });
  }

  unsupported(field: string, why: string): Error {
    return nrrdError('NRRD_UNSUPPORTED', { file: this.file, field, value: this.text(field), why });
  }
}

function plain(field: string): string {
  return field.replaceAll(' ', '').toLowerCase();
}

/** `Number` takes an empty text as 0. */
function toNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}
