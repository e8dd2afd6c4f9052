import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatasetFolder } from '../../datasets';
import { validate } from '../../services/validation';
import { describeWithFile, describeWithPython, repoRoot } from '../present';
import { freezeTinySuite, splitTinyDataset, writeTinyBundle, writeTinyDataset } from '../validation/world';

const NOTEBOOKS = join(repoRoot, 'notebooks');
const NAMES = ['look-at-a-dataset', 'look-at-augmentations', 'look-at-a-result'];
const KERNEL = join(NOTEBOOKS, 'node_modules', 'tslab', 'bin', 'tslab');

interface Output {
  output_type: string;
  text?: string;
  data?: Record<string, string>;
}

interface Cell {
  cell_type: 'code' | 'markdown';
  source: string[];
  outputs?: Output[];
}

describe('as they are committed', () => {
  test.each(NAMES)('%s shows its pictures, is small, and names no machine', async (name) => {
    const file = join(NOTEBOOKS, `${name}.ipynb`);
    const text = await readFile(file, 'utf8');
    const { cells } = JSON.parse(text) as { cells: Cell[] };
    const kinds = cells.flatMap(({ outputs }) => (outputs ?? []).flatMap(({ data }) => Object.keys(data ?? {})));
    expect(kinds).toContain('image/png');
    expect((await stat(file)).size).toBeLessThan(200_000);
    expect(text).not.toMatch(/\/(home|root|tmp|work|Users)\//);
  });
});

describeWithFile(KERNEL, 'the notebooks’ kernel (npm ci --prefix notebooks)', () => {
  describeWithPython(['nbclient', 'nbformat'], 'run from top to bottom', (python) => {
    let world: string;
    beforeAll(async () => {
      world = await mkdtemp(join(tmpdir(), 'notebooks-'));
    });
    afterAll(() => rm(world, { recursive: true, force: true }));

    /** All outputs of a notebook; a cell that fails, or says something on standard error, fails the test. */
    async function run(name: string, environment: Record<string, string>): Promise<Output[][]> {
      const { stdout } = await promisify(execFile)(
        python,
        [join(__dirname, 'run_notebook.py'), join(NOTEBOOKS, `${name}.ipynb`), NOTEBOOKS],
        { env: { ...process.env, JUPYTER_PATH: NOTEBOOKS, ...environment }, maxBuffer: 1 << 26 },
      );
      const cells = JSON.parse(stdout) as Output[][];
      expect(cells.flat().filter(({ output_type }) => output_type !== 'display_data')).toEqual([]);
      return cells;
    }
    const all = (cells: Output[][], kind: string) => cells.flat().flatMap(({ data }) => data?.[kind] ?? []);

    test('look-at-a-dataset makes a phantom where there is none, counts it and shows a slice', async () => {
      const dir = join(world, 'phantom');
      expect(existsSync(dir)).toBe(false);
      const cells = await run('look-at-a-dataset', { LUNGATE_DATA: dir });
      const { manifest } = await openDatasetFolder(dir);
      const [headline, table] = all(cells, 'text/markdown');
      expect(headline).toMatch(`${manifest.series.length} scans, version \`${manifest.digest.slice(0, 19)}`);
      expect(headline).toMatch(/synthetic/);
      expect(table!.split('\n')).toHaveLength(2 + manifest.series.length);
      expect(all(cells, 'image/png').map(sizeOfPng)).toEqual([expect.anything(), expect.anything()]);
      for (const svg of all(cells, 'image/svg+xml')) expect(svg.match(/<path/g)!.length).toBeGreaterThan(5);
      expect(all(cells, 'image/svg+xml')).toHaveLength(2);
    });

    test('look-at-augmentations shows originals beside variations, the same ones for the same seed', async () => {
      const cells = await run('look-at-augmentations', { LUNGATE_DATA: join(world, 'phantom') });
      const pictures = all(cells, 'image/png');
      expect(new Set(pictures).size).toBe(9);
      // Eight patches of 48 voxels beside each other, two voxels between them, two pixels for a voxel.
      expect(sizeOfPng(pictures[0]!)).toEqual([796, 96]);
      expect(all(cells, 'text/markdown').at(-1)).toMatch(/\| equal \| differ \|$/);
    });

    test('look-at-a-result tells what the evidence says, and shows the worst cases', async () => {
      const dataset = await writeTinyDataset(join(world, 'tiny'));
      const split = splitTinyDataset(dataset);
      const [suitePath, bundleDir, evidenceDir] = ['suite.yaml', 'bundle', 'evidence'].map((name) =>
        join(world, name),
      ) as [string, string, string];
      await freezeTinySuite(dataset, suitePath);
      await writeTinyBundle(bundleDir, dataset, split);
      const { report } = await validate({
        bundleDir,
        suitePath,
        dataset,
        split,
        evidenceDir,
        keyDir: join(world, 'key'),
      });

      const cells = await run('look-at-a-result', { LUNGATE_EVIDENCE: evidenceDir, LUNGATE_DATA: join(world, 'tiny') });
      const [verdict, figures] = all(cells, 'text/markdown');
      expect(verdict).toMatch(new RegExp(`^\\*\\*${report.verdict}\\*\\*: ${report.holdout.candidates} candidates`));
      expect(figures).toContain(`| auc | ${report.figures['auc']!.value!.toFixed(3)} |`);
      expect(all(cells, 'image/svg+xml')).toHaveLength(2);
      expect(all(cells, 'image/png').map(sizeOfPng)).toEqual([
        [796, 96],
        [796, 96],
      ]);
    });
  });
});

/** Width and height; throws where it is no PNG. */
function sizeOfPng(base64: string): [number, number] {
  const bytes = Buffer.from(base64, 'base64');
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  expect(bytes.length).toBeGreaterThan(1000);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}
