import { chmod, mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DicomElements } from 'dcmjs';
import fc from 'fast-check';
import { deidentifyDataset } from './deidentify-dataset';
import { identityWords } from './identity-words';
import { openKey } from './key';
import { confidentialityProfile, dictionaryEntry } from './profile';
import { createPseudonyms } from './pseudonyms';
import { refuseImage } from './refuse-image';
import { shiftDate } from './shift-date';
import { Tally } from './tally';

const pseudonyms = createPseudonyms(Buffer.from('a key of this test'));
const clean = (elements: DicomElements, retainPatientCharacteristics = false) =>
  deidentifyDataset(elements, {
    pseudonyms,
    patientId: '4711',
    options: { retainPatientCharacteristics },
    words: identityWords(elements),
    tally: new Tally(),
  });
const text = (vr: string, ...Value: unknown[]) => ({ vr, Value });

describe('Table E.1-1', () => {
  test('is there whole, with an action for every attribute', () => {
    expect(confidentialityProfile).toHaveLength(621);
    expect(new Set(confidentialityProfile.map(({ tag }) => tag)).size).toBe(621);
    for (const { basic } of confidentialityProfile) expect(basic).toMatch(/^[XZDU](\/[ZDU])*$/);
  });

  const named = confidentialityProfile.filter(({ tag }) => dictionaryEntry(tag) && !/^(50|60)XX/.test(tag));
  test.each(named.map(({ tag, name }) => [name, tag]))(
    '%s keeps nothing of its value, at the top or nested',
    (_name, tag) => {
      const { vr } = dictionaryEntry(tag)!;
      const values: Record<string, unknown> = {
        ...{ SQ: { '00100010': text('PN', { Alphabetic: 'SENTINEL' }), '00091001': text('LO', 'SENTINEL') } },
        ...{ DA: '19470815', DT: '19470815101112', TM: '101112', AS: '087Y', DS: 918273, IS: 918273, US: 48879 },
        ...{ UI: '1.2.999.1', PN: { Alphabetic: 'SENTINEL' }, OB: Buffer.from('SENTINEL').buffer, UN: 'SENTINEL' },
      };
      const planted = { [tag]: text(vr, values[vr] ?? 'SENTINEL') };
      const outcome = clean({ ...planted, '00189301': text('SQ', planted) });
      expect(JSON.stringify(outcome)).not.toMatch(/SENTINEL|19470815|101112|087Y|918273|48879|1\.2\.999/);
      expect(
        Object.values(outcome)
          .flatMap(({ Value }) => Value)
          .some((value) => value instanceof ArrayBuffer),
      ).toBe(false);
    },
  );
});

describe('beyond the table', () => {
  test.each<[string, string, DicomElements[string]]>([
    ['a tag that the standard does not know', '0018FFF1', text('LO', 'SECRET')],
    ['another VR than the standard’s', '00180050', text('LO', 'SECRET')],
    ['an unknown VR', '00180060', text('UN', new ArrayBuffer(4))],
    ['a name', '00189999', text('PN', { Alphabetic: 'SECRET' })],
    ['a short text that people type', '00180024', text('SH', 'SECRET')],
    ['a kernel that names the patient', '00181210', text('SH', 'B30f Muster')],
  ])('%s is removed', (_name, tag, element) => {
    const outcome = clean({ '00100010': text('PN', { Alphabetic: 'Muster^Max' }), [tag]: element });
    expect(outcome).not.toHaveProperty(tag);
  });

  test("meanings of a hospital's own codes are replaced, those of public schemes stay", () => {
    const code = (scheme: string) => ({ '00080102': text('SH', scheme), '00080104': text('LO', 'thorax of Max') });
    const outcome = clean({ '00082218': text('SQ', code('SCT'), code('99HOSPITAL')) });
    expect(JSON.stringify(outcome)).toBe(
      JSON.stringify({
        '00082218': text('SQ', code('SCT'), {
          '00080102': text('SH', '99HOSPITAL'),
          '00080104': text('LO', 'REMOVED'),
        }),
      }),
    );
  });

  test('what reading and telling scans apart needs stays as it is', () => {
    const kept: DicomElements = {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.2'),
      '00080070': text('LO', 'SIEMENS'),
      '00181210': text('SH', 'B30f'),
      '00180060': text('DS', 120),
      '00200032': text('DS', -1, -2, 3),
      '7FE00010': text('OW', new ArrayBuffer(8)),
    };
    expect(clean(kept)).toEqual(kept);
  });

  test('sex and age stay with their option only', () => {
    const patient = { '00100040': text('CS', 'F'), '00101010': text('AS', '077Y') };
    expect(clean(patient)).toEqual({ '00100040': text('CS') });
    expect(clean(patient, true)).toEqual(patient);
  });
});

describe('under one key', () => {
  const other = createPseudonyms(Buffer.from('another key of it'));

  test('a patient has one pseudonym and one shift, a UID one new UID; under another key others', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(pseudonyms.patient(a) === pseudonyms.patient(b)).toBe(a === b);
        expect(pseudonyms.uid(a) === pseudonyms.uid(b)).toBe(a === b);
        expect(pseudonyms.uid(a)).not.toBe(other.uid(a));
        expect(pseudonyms.patient(a)).not.toBe(other.patient(a));
        expect(pseudonyms.uid(a)).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
        expect(pseudonyms.dayShift(a)).toBeGreaterThanOrEqual(-3652);
        expect(pseudonyms.dayShift(a)).toBeLessThanOrEqual(-365);
      }),
    );
  });

  test('dates keep their distance, over leap days and centuries', () => {
    const day = fc.integer({ min: -30_000, max: 30_000 });
    const dicom = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
    const back = (date: string) => Date.parse(date.replace(/(....)(..)(..)/, '$1-$2-$3')) / 86_400_000;
    fc.assert(
      fc.property(day, fc.integer({ min: -3652, max: -365 }), (days, shift) => {
        expect(back(shiftDate(dicom(days), shift)!) - days).toBe(shift);
      }),
    );
    expect(shiftDate('20200229120000.5+0100', -365)).toBe('20190301');
    for (const none of ['', '2020', '20200230', 'SECRET', '20200229 or so'])
      expect(shiftDate(none, -1)).toBeUndefined();
  });
});

test('images that may show who they are of are refused', () => {
  const image = (more: DicomElements) => refuseImage({ '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.2'), ...more });
  expect(image({ '00080008': text('CS', 'ORIGINAL', 'PRIMARY', 'AXIAL') })).toBeUndefined();
  expect(image({ '00280301': text('CS', 'YES') })).toBe('burned-in annotation');
  expect(image({ '00080064': text('CS', 'WSD') })).toBe('secondary capture');
  expect(image({ '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7.2') })).toBe('secondary capture');
  expect(image({ '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.4') })).toBe('not CT');
  expect(image({ '00080008': text('CS', 'DERIVED', 'SECONDARY', 'SCREEN SAVE') })).toBe('screen save');
  const derived = { '00080008': text('CS', 'DERIVED', 'SECONDARY', 'MPR') };
  expect(image(derived)).toBe('derived, may have burned-in text');
  expect(image({ ...derived, '00280301': text('CS', 'NO') })).toBeUndefined();
});

test('the key is made once, for its owner alone, and one that others can read is refused', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'key-')), 'deep', 'deid.key');
  const [first, second] = await Promise.all([openKey(file), openKey(file)]);
  expect(first).toEqual(second);
  expect((await readFile(file, 'utf8')).trim()).toMatch(/^[0-9a-f]{64}$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await chmod(file, 0o640);
  await expect(openKey(file)).rejects.toMatchObject({ code: 'DEID_KEY_READABLE' });
});
