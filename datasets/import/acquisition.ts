import type { DicomElements } from 'dcmjs';

/**
 * How a scan was made, for strata of validation and nothing else: machine, kernel, dose, contrast. None of it is among the
 * attributes of PS3.15 Table E.1-1, but for sex and age, which are there only with Retain Patient Characteristics.
 */
export interface Acquisition {
  manufacturer: string;
  model: string;
  kernel: string;
  sliceThicknessMm: number | null;
  kvp: number | null;
  tubeCurrentMa: number | null;
  exposureMas: number | null;
  sex: string;
  /** `60-69`; `90+` from 90 on, as HIPAA's safe harbour has it (45 CFR 164.514(b)(2)(i)(C)). */
  ageDecade: string;
}

/** Taken from a de-identified data set, so that nothing comes here that may not leave. */
export function acquisitionOf(elements: DicomElements): Acquisition {
  const text = (tag: string) => textOf(find(elements, tag));
  const number = (tag: string) => {
    const value = text(tag);
    return value !== '' && Number.isFinite(Number(value)) ? Number(value) : null;
  };
  return {
    manufacturer: text('00080070'),
    model: text('00081090'),
    kernel: text('00181210'),
    sliceThicknessMm: number('00180050'),
    kvp: number('00180060'),
    tubeCurrentMa: number('00181151') ?? number('00189330'),
    exposureMas: number('00181152') ?? number('00189332'),
    sex: /^[MFO]$/.test(text('00100040')) ? text('00100040') : '',
    ageDecade: decadeOf(text('00101010')),
  };
}

function decadeOf(age: string): string {
  const found = /^(\d{3})([YMWD])$/.exec(age);
  if (!found) return '';
  const years = found[2] === 'Y' ? Number(found[1]) : 0;
  const decade = Math.floor(years / 10) * 10;
  return decade >= 90 ? '90+' : `${decade}-${decade + 9}`;
}

/** The attribute itself, or the first of its kind in a sequence: an enhanced CT has it in its functional groups. */
function find(elements: DicomElements, tag: string): unknown {
  const here = elements[tag]?.Value?.[0];
  if (here !== undefined) return here;
  // CTAcquisitionDetails, CTReconstruction … lie in the shared functional groups, else in those of the first frame.
  for (const group of ['52009229', '52009230']) {
    const found = findNested(elements[group]?.Value?.[0], tag);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findNested(item: unknown, tag: string): unknown {
  if (item === null || typeof item !== 'object') return undefined;
  const elements = item as DicomElements;
  const here = elements[tag]?.Value?.[0];
  if (here !== undefined) return here;
  for (const { vr, Value } of Object.values(elements)) {
    const found = vr === 'SQ' ? findNested(Value?.[0], tag) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One line without what would break a table. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  return text
    .replace(/[\p{Cc}",]+/gu, ' ')
    .trim()
    .slice(0, 64);
}
