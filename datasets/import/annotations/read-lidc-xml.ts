import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { annotationsError } from './errors';

/** An outline in one slice, in pixels of the original image: columns and rows, counted from 0. */
export interface Outline {
  sopInstanceUid: string;
  /** World z of the slice, mm. */
  z: number;
  /** False: a hole in the nodule. */
  inclusion: boolean;
  /** Pixels around the region, none of them in it: column, row. */
  edge: [number, number][];
}

/** LIDC's nine ratings, most on a scale of 1 to 5. */
export const CHARACTERISTICS = [
  'subtlety',
  'internalStructure',
  'calcification',
  'sphericity',
  'margin',
  'lobulation',
  'spiculation',
  'texture',
  'malignancy',
] as const;
export type Characteristics = Record<(typeof CHARACTERISTICS)[number], number>;

export interface ReadNodule {
  outlines: Outline[];
  /** Of nodules of 3 mm and more; smaller ones have one point and no ratings. */
  characteristics: Characteristics | null;
}

/** What one reader marked in a series. */
export interface ReadingSession {
  nodules: ReadNodule[];
  /** Lesions of 3 mm and more that the reader holds for no nodules. */
  nonNodules: Outline[];
}

export interface LidcReading {
  seriesUid: string;
  sessions: ReadingSession[];
}

const text = z.coerce.string().transform((value) => value.trim());
const number = text.pipe(z.coerce.number());
const point = z.object({ xCoord: number, yCoord: number });
const place = { imageZposition: number, imageSOP_UID: text };
const roi = z.object({
  ...place,
  inclusion: text.transform((value) => value.toUpperCase() !== 'FALSE'),
  edgeMap: z.array(point).min(1),
});
const rating = z.unknown().transform((value) => Number(value) || 0);
const ratings = z.partialRecord(z.enum(CHARACTERISTICS), rating);
const session = z.object({
  unblindedReadNodule: z
    .array(z.object({ characteristics: z.unknown().optional(), roi: z.array(roi).default([]) }))
    .default([]),
  nonNodule: z.array(z.object({ ...place, locus: z.array(point).min(1) })).default([]),
});
const message = z.object({
  ResponseHeader: z.object({ SeriesInstanceUid: text }),
  readingSession: z.array(
    z.union([session, z.literal('').transform(() => ({ unblindedReadNodule: [], nonNodule: [] }))]),
  ),
});

const LISTS = new Set(['readingSession', 'unblindedReadNodule', 'nonNodule', 'roi', 'edgeMap', 'locus']);
const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => LISTS.has(name),
});

/**
 * Reads an XML file of LIDC-IDRI: what four radiologists marked in one CT series after they had seen each other's marks.
 * Undefined: the file is another kind of XML, such as LIDC-IDRI's readings of radiographs.
 *
 * @throws CodedError ANNOTATIONS_BAD_XML.
 */
export function readLidcXml(content: string, file: string): LidcReading | undefined {
  if (/<!DOCTYPE/i.test(content)) throw annotationsError('ANNOTATIONS_BAD_XML', { file, why: 'it has a DOCTYPE' });
  const valid = XMLValidator.validate(content);
  if (valid !== true)
    throw annotationsError('ANNOTATIONS_BAD_XML', { file, why: `line ${valid.err.line}: ${valid.err.msg}` });
  const root = parser.parse(content) as Record<string, unknown>;
  if (!('LidcReadMessage' in root)) return undefined;
  const parsed = message.safeParse(root['LidcReadMessage']);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw annotationsError('ANNOTATIONS_BAD_XML', {
      file,
      why: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    });
  }
  const { ResponseHeader, readingSession } = parsed.data;
  return { seriesUid: ResponseHeader.SeriesInstanceUid, sessions: readingSession.map(toSession) };
}

function toSession({ unblindedReadNodule, nonNodule }: z.infer<typeof session>): ReadingSession {
  return {
    nodules: unblindedReadNodule
      .filter(({ roi: outlines }) => outlines.length > 0)
      .map(({ characteristics, roi: outlines }) => ({
        outlines: outlines.map(({ inclusion, edgeMap, ...at }) => toOutline(at, inclusion, edgeMap)),
        characteristics: toCharacteristics(characteristics),
      })),
    nonNodules: nonNodule.map(({ locus, ...at }) => toOutline(at, true, locus)),
  };
}

function toOutline(
  at: { imageZposition: number; imageSOP_UID: string },
  inclusion: boolean,
  points: readonly z.infer<typeof point>[],
): Outline {
  const edge = points.map(({ xCoord, yCoord }): [number, number] => [xCoord, yCoord]);
  return { sopInstanceUid: at.imageSOP_UID, z: at.imageZposition, inclusion, edge };
}

/** Some nodules below 3 mm have ratings that are all empty or 0: none. */
function toCharacteristics(value: unknown): Characteristics | null {
  const parsed = ratings.safeParse(value);
  if (!parsed.success) return null;
  const complete = CHARACTERISTICS.every((name) => (parsed.data[name] ?? 0) > 0);
  return complete ? (parsed.data as Characteristics) : null;
}
