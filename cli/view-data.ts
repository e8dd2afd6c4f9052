import { loadConfig } from '../ci';
import { patchContractOf } from '../services/training';
import { openSource, startDataViewer } from '../web/data-viewer';
import { abortOnInterrupt, untilAborted } from './interrupt';
import { say, startProgress } from './terminal';

/** Serves the viewer's page in the foreground until Ctrl-C. The overrides decide what a patch and its variations are. */
export async function viewData(path: string, overrides: string[], { port }: { port: number }): Promise<void> {
  const config = loadConfig(overrides);
  const patches = { contract: patchContractOf(config), augmentation: config.augmentation };
  const signal = abortOnInterrupt();
  const progress = startProgress('reading');
  const source = await openSource(path, (done, total) => {
    progress.update(done, total, `${done} of ${total} scans`);
  });
  progress.end(`${source.title}: ${source.scans.length} ${source.scans.length === 1 ? 'scan' : 'scans'}`);
  const viewer = await startDataViewer({ source, patches, port });
  say(`Look at ${viewer.url}\nPress Ctrl-C to stop.`);
  await untilAborted(signal);
  await viewer.close();
}
