import { type Command, Option } from 'commander';
import type { DownloadCommandOptions } from '../download-dataset';
import type { SplitCommandOptions } from '../split-dataset';
import type { ImportCommandOptions } from '../import-scans';

const IMPORT_HELP = `
Examples:
  lungate data import exports/ct.zip --to data/clinic
  lungate data import LIDC-IDRI --annotations tcia-lidc-xml --to data/lidc
  lungate data import --dicomweb https://pacs.example.org/dicom-web --patient 4711 --to data/clinic

De-identified by DICOM PS3.15 Annex E: Basic Profile, dates moved by days that only the key tells. Whoever has the key can
tell whose scan a pseudonym is, so keep it apart from the dataset. Images that are not CT, are secondary captures or may
have burned-in text are refused and named; pixels are not searched for text, nor are faces removed.
The same source twice changes nothing; an import that was cut off goes on when the same command is run again.
A server's login comes from LUNGATE_DICOMWEB_TOKEN, or LUNGATE_DICOMWEB_USER and LUNGATE_DICOMWEB_PASSWORD.
Exit code: 0 done, 1 an error or a series that failed, 130 interrupted.
`;

export function registerDataCommands(program: Command): void {
  const data = program.command('data').description('Datasets in the layout of LUNA16');

  data
    .command('phantom')
    .description('Write a synthetic chest-CT dataset from a seed')
    .argument('<dir>', 'folder to write; a half-made one is taken up where it was')
    .option('--scans <n>', 'number of scans', Number, 20)
    .option('--seed <n>', 'the same seed gives the same bytes', Number, 1)
    .option('--difficulty <0..1>', 'fainter nodules, more noise, closer look-alikes', Number, 0.5)
    .action(async (dir: string, options: { scans: number; seed: number; difficulty: number }) => {
      const { makePhantom } = await import('../make-phantom.ts');
      await makePhantom(dir, options);
    });

  data
    .command('import')
    .description('Import CT scans from DICOM files or a DICOMweb server, de-identified, into a dataset')
    .argument('[sources...]', 'folders, zip archives or files of DICOM')
    .requiredOption('--to <dir>', 'dataset to import into; what is in it stays')
    .option('--annotations <path...>', 'LIDC-IDRI XML (file or folder), or CSV with the original series UIDs', [])
    .option('--dicomweb <url>', 'server to import from, such as https://pacs.example.org/dicom-web')
    .option('--study <uid...>', 'of the server: these studies', [])
    .option('--patient <id...>', 'of the server: all CT of these patients', [])
    .option('--series <uid...>', 'of the server: these series', [])
    .option('--allow-http', 'let scans travel unencrypted, on a network you trust', false)
    .option('--keep-dicom <dir>', 'keep the de-identified DICOM files too, in this folder')
    .option('--compressed', 'write .zraw in place of .raw: about half the size, slower to read', false)
    .option('--retain-patient-characteristics', 'keep sex, age, size, weight and the like', false)
    .option('--key-file <file>', 'key of the pseudonyms; made if there is none (LUNGATE_DEID_KEY goes first)')
    .option('--dry-run', 'look and tell, write nothing', false)
    .option('--show-files', 'name the source files of what was not imported; their names may tell who it is', false)
    .addHelpText('after', IMPORT_HELP)
    .action(async (sources: string[], options: ImportCommandOptions) => {
      const { importScans } = await import('../import-scans.ts');
      await importScans(sources, options);
    });

  data
    .command('download')
    .description('Fetch LUNA16 from its public records, checked and unpacked; what is there already stays')
    .argument('<dataset>', 'luna16')
    .requiredOption('--to <dir>', 'folder for the dataset')
    .option('--subset <list>', 'subsets, such as 0-9, 3 or 0-2,7', '0-9')
    .addOption(
      new Option('--with <names...>', 'also the lung masks, or the evaluation script')
        .choices(['masks', 'evaluation'])
        .default([]),
    )
    .option('--mirror <place>', 'folder that holds the files, or address above them, in place of Zenodo')
    .option('--parallel <n>', 'files at a time', Number, 3)
    .option('--keep-archives', 'leave the zip files in the folder', false)
    .option('--dry-run', 'tell what would be fetched and how much space it takes', false)
    .addOption(new Option('--base-url <url>', 'what stands for zenodo.org').hideHelp())
    .action(async (dataset: string, options: DownloadCommandOptions) => {
      const { downloadDataset } = await import('../download-dataset.ts');
      await downloadDataset(dataset, options);
    });

  data
    .command('split')
    .description('Put each patient on one side, and write who stands where as CSV files that people can edit')
    .argument('<dir>', 'dataset')
    .requiredOption('--to <folder>', 'folder for master.csv, train.csv, validation.csv and test.csv')
    .addOption(
      new Option('--by <what>', 'shares of patients, or the ten subsets of LUNA16')
        .choices(['patient', 'subset'])
        .default('patient'),
    )
    .option('--validation <x>', 'share of the patients (0.15), or a subset (8)', Number)
    .option('--test <x>', 'share of the patients (0.2; with folds 0), or a subset (9)', Number)
    .option(
      '--folds <k>',
      'also deal the patients that are not tested on into folds, for split.fold=0 and so on',
      Number,
    )
    .option(
      '--stratify <columns>',
      'columns of series.csv or patients.csv that the parts should have alike, such as site',
    )
    .option('--suite <file>', 'the test part is the holdout of this validation suite')
    .option('--seed <n>', 'the same seed and patients give the same split', Number, 42)
    .action(async (dir: string, options: SplitCommandOptions) => {
      const { splitDataset } = await import('../split-dataset.ts');
      await splitDataset(dir, options);
    });

  data
    .command('convert')
    .description('Write one scan in another format; voxels and their place in the world stay what they are')
    .argument('<in>', 'DICOM folder, zip or file; .mhd, .mha, .nii, .nii.gz, .nrrd, .nhdr')
    .argument('<out>', 'name that ends in .mhd, .mha, .nii, .nii.gz, .nrrd or .nhdr')
    .option('--compressed', 'pack the voxels (.nii.gz always is)', false)
    .action(async (from: string, to: string, options: { compressed: boolean }) => {
      const { convertScan } = await import('../convert-scan.ts');
      await convertScan(from, to, options);
    });

  data
    .command('check')
    .description('Read every scan and table of a dataset and tell all that is wrong; exit code 1 where something is')
    .argument('<dir>', 'folder with subset0 … subset9, annotations.csv and candidates_V2.csv')
    .option('--split <path>', 'folder or file of a split: nobody may stand on two of its sides')
    .option('--html <file>', 'write a page with a picture of each scan')
    .option('--json', 'the whole report as JSON instead of a table', false)
    .action(async (dir: string, options: { split?: string; html?: string; json: boolean }) => {
      const { checkDatasetFolder } = await import('../check-dataset.ts');
      await checkDatasetFolder(dir, options);
    });

  data
    .command('cache')
    .description('Cut the patches of all candidates ahead of training; what is cut already stays')
    .argument('<dir>', 'dataset folder')
    .argument('[overrides...]', 'as in training: patch=isotropic, data.cache_dir=…, data.memory_mb=…')
    .action(async (dir: string, overrides: string[]) => {
      const { cachePatches } = await import('../cache-patches.ts');
      await cachePatches(dir, overrides);
    });

  data
    .command('view')
    .description('Look at a dataset or a scan in the browser: slices, candidates, and patches as the model sees them')
    .argument('<path>', 'dataset folder, or one scan: .mhd, .nii.gz, .nrrd, a DICOM folder or zip')
    .argument('[overrides...]', 'what a patch is and how it is varied, as in training: augmentation=light')
    .option('--port <n>', 'port on this machine; a free one if left out', Number, 0)
    .action(async (path: string, overrides: string[], options: { port: number }) => {
      const { viewData } = await import('../view-data.ts');
      await viewData(path, overrides, options);
    });
}
