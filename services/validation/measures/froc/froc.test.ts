import type { Annotation, Candidate, DatasetManifest } from '../../../../datasets';
import { makeCases } from '../../statistics';
import type { Study } from '../../study';
import { marksOfStudy, measureFroc } from '.';

const PATIENTS = ['anna', 'otto', 'ines', 'lars'];

/** Four patients of one scan, otto of two; a nodule in each at 0 and one that no candidate lies in, in anna's. */
function studyOf(detection: DatasetManifest['detection'] = { excluded: [] }): Study {
  const series = [...PATIENTS, 'otto'].map((patientId, i) => ({ patientId, seriesUid: `1.2.${i}` }));
  const nodule = (seriesUid: string, x: number): Annotation => ({
    seriesUid,
    xyz: [x, 0, 0],
    diameterMm: 6,
    malignancy: null,
  });
  const candidate = (seriesUid: string, x: number, label: 0 | 1): Candidate => ({
    id: `${seriesUid}-${x}`,
    seriesUid,
    xyz: [x, 0, 0],
    label,
    diameterMm: null,
  });
  const ofSeries = series.slice(0, 4).map(({ seriesUid }) => seriesUid);
  const candidates = ofSeries.flatMap((uid) => [0, 50, 70].map((x) => candidate(uid, x, x === 0 ? 1 : 0)));
  const scores = candidates.map(({ label }, i) => (label === 1 ? 0.8 : 0.3) + i / 100);
  const annotations = [...series.map(({ seriesUid }) => nodule(seriesUid, 0)), nodule('1.2.0', 30)];
  return {
    suite: { holdout: { patients: PATIENTS }, froc: { resamples: 400 }, bootstrap: { resamples: 200, seed: 3 } },
    dataset: { manifest: { series, candidates, annotations, detection } },
    candidates,
    cases: makeCases(
      candidates.map(({ label }) => label),
      scores,
    ),
  } as unknown as Study;
}

test('every nodule of the holdout counts, also in a scan without candidates', () => {
  const { figures, section } = measureFroc(studyOf());
  expect(section).toMatchObject({
    scans: 5,
    nodules: 6,
    nodulesWithoutCandidate: 2,
    marks: { scored: 12, hits: 4, falsePositives: 8, ignored: 0, dropped: 0 },
    resamples: 400,
    seed: 3,
  });
  expect(figures['froc.cpm']).toMatchObject({ n: 6, of: 'nodules' });
  expect(figures['froc.cpm']!.value).toBeCloseTo(4 / 6, 12);
  expect(
    section!.points.map(({ falsePositivesPerScan }) => figures[`froc.sensitivityAt${falsePositivesPerScan}`]!.value),
  ).toEqual(section!.points.map(({ value }) => value));
});

test('the band rises with the rate, and at the seven rates has the bounds of the points', () => {
  const { band, points } = measureFroc(studyOf()).section!;
  const at = (rate: number) => band.find(({ falsePositivesPerScan }) => falsePositivesPerScan === rate)!;
  for (const { falsePositivesPerScan, lower, upper } of points) {
    expect(at(falsePositivesPerScan)).toMatchObject({ lower, upper });
  }
  expect(band.map(({ mean }) => mean)).toEqual([...band.map(({ mean }) => mean)].sort((a, b) => a - b));
});

test('a candidate in an excluded finding is no false positive', () => {
  const excluded = [{ seriesUid: '1.2.0', xyz: [50, 0, 0] as const, diameterMm: null }];
  expect(measureFroc(studyOf({ excluded })).section!.marks).toMatchObject({ falsePositives: 7, ignored: 1 });
});

test('the scores of another model are judged on the same scans, whose patients are told', () => {
  const study = studyOf();
  const blind = marksOfStudy(study, new Float64Array(study.candidates.length).fill(0.5))!;
  expect(blind.patientOfScan).toEqual([0, 3, 1, 2, 3]);
  expect(blind.marks.counts).toEqual(marksOfStudy(study)!.marks.counts);
  expect(
    measureFroc({ ...study, cases: { ...study.cases, scores: new Float64Array(12) } }).figures['froc.cpm']!.value,
  ).toBeLessThan(0.6);
});

test('there is no FROC where the suite does not ask, the classes are kinds of findings, or nothing is annotated', () => {
  const nothing = { figures: {}, section: null };
  const study = studyOf();
  const suite = { ...study.suite };
  delete suite.froc;
  expect(measureFroc({ ...study, suite })).toEqual(nothing);
  const kinds = { ...study.dataset.manifest };
  delete kinds.detection;
  expect(measureFroc({ ...study, dataset: { ...study.dataset, manifest: kinds } })).toEqual(nothing);
  const bare = { ...study.dataset.manifest, annotations: [] };
  expect(measureFroc({ ...study, dataset: { ...study.dataset, manifest: bare } })).toEqual(nothing);
});
