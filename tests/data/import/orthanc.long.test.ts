import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile } from 'durable-files';
import { unzipSync } from 'fflate';
import { describeWithProgram, describeWithSharedData } from '../../present';
import { makeWorld } from './run-import';
import { ORTHANC_LOGIN, type Orthanc, startOrthanc } from './start-orthanc';

const STUDY = '1.3.6.1.4.1.14519.5.2.1.7085.2626.258626612405225511766549337110';
const SERIES = '1.3.6.1.4.1.14519.5.2.1.7085.2626.242193282649561899185427104083';

describeWithProgram('Orthanc', 'a PACS that holds the real CT', () => {
  describeWithSharedData('imported by DICOMweb', (shared) => {
    const archive = join(shared, 'ct-lung-dicom.zip');
    let orthanc: Orthanc;
    beforeAll(async () => {
      orthanc = await startOrthanc();
      for (const bytes of Object.values(unzipSync(await readFile(archive)))) await orthanc.upload(bytes);
      process.env['LUNGATE_DICOMWEB_USER'] = ORTHANC_LOGIN.user;
      process.env['LUNGATE_DICOMWEB_PASSWORD'] = ORTHANC_LOGIN.password;
    });
    afterAll(() => orthanc.stop());
    afterEach(() => {
      process.env['LUNGATE_DICOMWEB_PASSWORD'] = ORTHANC_LOGIN.password;
    });

    test('gives the very scan that its files give, and is not fetched twice', async () => {
      const { path, runImport } = await makeWorld();
      const fromServer = await runImport('--dicomweb', orthanc.dicomweb, '--patient', 'C3N-00247', '--to', path('web'));
      expect(fromServer).toMatchObject({ code: 0, stdout: expect.stringMatching(/^imported +1 series/m) as unknown });
      expect(fromServer.log).not.toMatch(/C3N-00247|1\.3\.6\.1\.4\.1\.14519/);
      expect(await runImport(archive, '--to', path('disk'))).toMatchObject({ code: 0 });

      const scans = await readdir(path('web', 'subset0'));
      expect(scans).toEqual(await readdir(path('disk', 'subset0')));
      for (const name of scans) {
        expect(await digestFile(path('web', 'subset0', name))).toBe(await digestFile(path('disk', 'subset0', name)));
      }
      expect(await readdir(path('web'))).not.toContain('.lungate-import');

      const again = await runImport('--dicomweb', orthanc.dicomweb, '--study', STUDY, '--to', path('web'));
      expect(again.stdout).toMatch(/there already +1 series/);
    });

    test('goes on after the connection broke, with what had arrived', async () => {
      const { path, runImport } = await makeWorld();
      const requests: string[] = [];
      let broken = true;
      // Between lungate and Orthanc: after forty instances every connection is cut off in the middle of an answer.
      const proxy = createServer((request, response) => {
        requests.push(request.url ?? '');
        const instances = requests.filter((url) => /\/instances\/[\d.]+$/.test(url)).length;
        void fetch(`${new URL(orthanc.dicomweb).origin}${request.url ?? ''}`, {
          headers: { authorization: request.headers.authorization ?? '', accept: request.headers.accept ?? '' },
        }).then(async (answer) => {
          const body = Buffer.from(await answer.arrayBuffer());
          response.writeHead(answer.status, {
            'content-type': answer.headers.get('content-type') ?? '',
            'content-length': body.length,
          });
          if (broken && instances > 40) {
            response.write(body.subarray(0, body.length / 2));
            response.socket?.destroy();
          } else response.end(body);
        });
      }).listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      const url = `http://127.0.0.1:${(proxy.address() as { port: number }).port}/dicom-web`;
      const args = ['--dicomweb', url, '--series', SERIES, '--to', path('out')];
      const cut = await runImport(...args);
      expect(cut).toMatchObject({ code: 1, stderr: expect.stringContaining('DICOMWEB_UNREACHABLE') as unknown });
      expect(cut.log).not.toMatch(/1\.3\.6\.1\.4\.1\.14519/);
      const [arrived = ''] = await readdir(path('out', '.lungate-import'));
      const files = (await readdir(path('out', '.lungate-import', arrived))).filter((name) => name.endsWith('.dcm'));
      expect(files.length).toBeGreaterThanOrEqual(36);

      broken = false;
      requests.length = 0;
      expect(await runImport(...args)).toMatchObject({ code: 0 });
      expect(requests.filter((asked) => /\/instances\/[\d.]+$/.test(asked))).toHaveLength(99 - files.length);
      expect(await readdir(path('out'))).not.toContain('.lungate-import');
      proxy.close();
    });

    test('without a right login says so, and a server elsewhere has to be asked by https', async () => {
      const { path, runImport } = await makeWorld();
      process.env['LUNGATE_DICOMWEB_PASSWORD'] = 'wrong';
      const refused = await runImport('--dicomweb', orthanc.dicomweb, '--study', STUDY, '--to', path('out'));
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/DICOMWEB_REFUSED.* 401/) as unknown });
      expect(refused.stderr).toContain('LUNGATE_DICOMWEB_PASSWORD');
      const plain = await runImport('--dicomweb', 'http://pacs.example.org/dicom-web', '--to', path('out'));
      expect(plain).toMatchObject({ code: 1, stderr: expect.stringContaining('DICOMWEB_PLAIN_HTTP') as unknown });
    });
  });
});
