import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import { REPORT_SCHEMA_FILE, renderFiles, reportJsonSchema, type Report } from '../../services/validation/report';
import { checklistCsv } from '../../services/validation/report/checklists';
import { reportPage } from '../../services/validation/report/html';
import { modelCard } from '../../services/validation/report/model-card';
import { drawPlots, type Plots } from '../../services/validation/report/plots';
import { describeWithPython, repoRoot } from '../present';
import { madePictures, madeReport, OPTIONAL_SECTIONS } from './made-report';

const HOSTILE = /<b onload|<\/script>|javascript:/;
const publishedSchema = () => JSON.parse(readFileSync(join(repoRoot, REPORT_SCHEMA_FILE), 'utf8')) as unknown;

describe('the files of a report', () => {
  let report: Report;
  let plots: Plots;
  let files: Record<string, string>;
  const pageOf = (changed: Report) => reportPage({ report: changed, plots, pictures: new Map() });
  beforeAll(async () => {
    report = madeReport();
    plots = await drawPlots(report);
    files = await renderFiles(report, madePictures(report));
  });

  test('are the same bytes each time, whatever was drawn before', async () => {
    expect(await renderFiles(madeReport(), madePictures(report))).toEqual(files);
  });

  test('say on their first line what kind of data they rest on', () => {
    expect(files['report.html']).toMatch(/<body>\s*<p class="notice">PHANTOM DATA/);
    expect(files['model-card.md']!.split('---\n')[2]!.trimStart()).toMatch(/^\*\*PHANTOM DATA/);
    expect(files['report.json']!.split('\n')[1]).toContain('PHANTOM DATA');
  });

  test('need nothing from anywhere else', () => {
    expect(files['report.html']!.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(
      /https?:|<script|<link|@import/,
    );
  });

  test('show every figure, in the page and in the model card, with its interval and what it rests on', () => {
    for (const { title, n, of } of Object.values(report.figures)) {
      expect(files['model-card.md']).toContain(`| ${title} |`);
      expect(files['model-card.md']).toContain(`| ${n} ${of} |`);
    }
    for (const [name, { title, n, of }] of Object.entries(report.figures)) {
      // What the sections of the FROC and of the probes show in tables of their own.
      if (/^froc\.sensitivityAt|^probe/.test(name)) continue;
      expect(files['report.html']).toContain(`<th scope="row" class="text">${title}</th>`);
      expect(files['report.html']).toContain(`${n} ${of}`);
    }
  });

  test('number the headings as the contents do', () => {
    const html = files['report.html']!;
    const headings = [...html.matchAll(/<section id="([^"]+)">\s*<h2><span class="sn">(\d+)<\/span>([^<]+)/g)];
    const contents = [...html.matchAll(/<li><a href="#([^"]+)">([^<]+)<\/a>/g)];
    expect(headings.map(([, , number]) => Number(number))).toEqual(headings.map((_, i) => i + 1));
    expect(headings.map(([, id, , title]) => [id, title])).toEqual(contents.map(([, id, title]) => [id, title]));
    expect(headings).toHaveLength(17);
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(headings.map(([, id]) => id)).toEqual(expect.arrayContaining(links));
  });

  test.each(OPTIONAL_SECTIONS)('leave %s out where it was not measured, and say so', (section) => {
    const without = pageOf({ ...report, [section]: null });
    expect(files['report.html']).toContain(`<section id="${section}">`);
    expect(without).not.toContain(`id="${section}"`);
    expect(files['report.html']).not.toContain('Not measured in this validation');
    expect(without).toContain('Not measured in this validation');
  });

  test('are drawn from the least that a validation measures', async () => {
    const nothing = Object.fromEntries(
      [...OPTIONAL_SECTIONS, 'bundleChecks', 'determinism', 'budget', 'holdoutUse'].map((name) => [name, null]),
    );
    const { auc } = report.figures;
    const changed = { ...report, ...nothing, intendedUse: null, figures: { auc: auc! } };
    const least = await renderFiles(changed, new Map());
    expect(least['report.html']!.match(/<section /g)).toHaveLength(11);
    expect(least['model-card.md']).toContain('a person must write this: the suite declares no');
  });

  test('take no word of a suite, a model or a dataset for markup', async () => {
    const hostile = await renderFiles(madeReport({ hostile: true }), new Map());
    expect(hostile['report.html']).not.toMatch(HOSTILE);
    expect(hostile['report.html']!.match(/<style>/g)).toHaveLength(1);
    expect(hostile['junit.xml']).not.toMatch(HOSTILE);
    const body = hostile['model-card.md']!.split('---\n').slice(2).join('---\n');
    expect(body).not.toMatch(/[^\\]<b onload|[^\\]<\/script/);
    const rows = body.split('\n').filter((line) => line.startsWith('| '));
    expect(new Set(rows.map((row) => row.replaceAll('\\|', '').split('|').length))).toEqual(new Set([5, 6]));
  });
});

describe('the model card', () => {
  test("has Hugging Face's model index as front matter, with the values of the report", () => {
    const report = madeReport({ hostile: true });
    const card = modelCard(report);
    const front = parseYaml(card.split('---\n')[1]!) as {
      'model-index': { name: string; results: { metrics: { type: string; name: string; value: number }[] }[] }[];
    };
    const [model] = front['model-index'];
    expect(model!.name).toBe(report.model.name);
    const { metrics } = model!.results[0]!;
    expect(metrics).toHaveLength(Object.keys(report.figures).length);
    expect(metrics[0]).toEqual({
      type: 'roc_auc',
      name: report.figures['auc']!.title,
      value: report.figures['auc']!.value,
    });
  });

  test('quotes the declared use, and leaves to a person what only a person knows', () => {
    const card = modelCard(madeReport());
    expect(card).toContain('- **Purpose:** Second reading.');
    expect(card.match(/a person must write this/g)).toHaveLength(2);
    for (const heading of [
      'Model details',
      'Intended use',
      'Factors',
      'Metrics',
      'Evaluation and training data',
      'Quantitative analyses',
      'Ethical considerations',
    ]) {
      expect(card).toContain(`\n## ${heading}`);
    }
  });
});

describe('the reporting checklists', () => {
  type Row = Record<'guideline' | 'item' | 'topic' | 'asks' | 'status' | 'where' | 'note', string>;
  const rowsOf = (report: Report): Row[] => parseCsv<Row>(checklistCsv(report), { columns: true });

  test('have each item of TRIPOD+AI and of CLAIM once, in order, under its number', () => {
    const rows = rowsOf(madeReport());
    const numbers = (guideline: string) => rows.filter((row) => row.guideline === guideline).map(({ item }) => item);
    const parts: Record<number, string> = {
      3: 'abc',
      5: 'ab',
      6: 'abc',
      8: 'abc',
      9: 'abc',
      12: 'abcdefg',
      18: 'abcdef',
      20: 'abc',
      23: 'ab',
      27: 'abc',
    };
    const tripod = Array.from({ length: 27 }, (_, i) => i + 1).flatMap((n) =>
      (parts[n] ?? ' ').split('').map((part) => `${n}${part.trim()}`),
    );
    expect(tripod).toHaveLength(52);
    expect(numbers('TRIPOD+AI')).toEqual(tripod);
    expect(numbers('CLAIM')).toEqual(Array.from({ length: 44 }, (_, i) => `${i + 1}`));
  });

  test('say where the evidence covers an item, and what is to be written where it does not', () => {
    for (const { item, status, where, note } of rowsOf(madeReport())) {
      expect(['covered', 'partly', 'a person must write', 'does not apply']).toContain(status);
      if (status === 'covered' || status === 'partly') expect([item, where]).not.toEqual([item, '']);
      if (status !== 'covered') expect([item, note]).not.toEqual([item, '']);
    }
  });

  test.each([
    ['probes', 'CLAIM', '30', 'a person must write'],
    ['explanations', 'CLAIM', '31', 'a person must write'],
    ['decision', 'TRIPOD+AI', '12e', 'partly'],
    ['strata', 'TRIPOD+AI', '23a', 'partly'],
    ['intendedUse', 'TRIPOD+AI', '3b', 'a person must write'],
  ])('claim no more than was measured: without %s, %s %s is "%s"', (section, guideline, item, status) => {
    const found = (rows: Row[]) => rows.find((row) => row.guideline === guideline && row.item === item)!.status;
    const report = madeReport();
    expect(found(rowsOf({ ...report, [section]: null }))).toBe(status);
    expect(found(rowsOf(report))).not.toBe(status);
  });
});

describe('the published schema', () => {
  test('is that of report.json today (else: npm run schema)', () => {
    expect(publishedSchema()).toEqual(reportJsonSchema());
  });

  describeWithPython(['jsonschema'], 'under an independent validator', (python) => {
    const CHECK = `
import json, sys
from jsonschema import Draft202012Validator
schema, documents = json.load(sys.stdin)
Draft202012Validator.check_schema(schema)
json.dump([["/".join(map(str, e.absolute_path)) for e in Draft202012Validator(schema).iter_errors(d)] for d in documents], sys.stdout)
`;
    test('takes a whole report and the least one, and names what is wrong in others', () => {
      const report = madeReport();
      const { auc, ...others } = report.figures;
      const documents = [
        report,
        { ...report, champion: null, probes: null, froc: null, strata: null },
        { ...report, figures: { ...others, auc: { ...auc, n: -1 } } },
        { ...report, verdict: 'maybe' },
        { ...report, comment: 'added later' },
      ];
      const input = JSON.stringify([publishedSchema(), documents]);
      const { stdout, stderr } = spawnSync(python, ['-c', CHECK], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual([[], [], ['figures/auc/n'], ['verdict'], ['']]);
    });
  });
});
