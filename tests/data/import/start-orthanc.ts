import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Orthanc {
  dicomweb: string;
  upload: (dicom: Uint8Array) => Promise<void>;
  stop: () => Promise<void>;
}

export const ORTHANC_LOGIN = { user: 'reader', password: 'orthanc-of-the-test' };

/** Starts Debian's Orthanc with its DICOMweb plugin on a free port of this machine, with a login. */
export async function startOrthanc(): Promise<Orthanc> {
  const dir = await mkdtemp(join(tmpdir(), 'orthanc-'));
  const [http, dicom] = [await freePort(), await freePort()];
  const config = {
    Name: 'test',
    StorageDirectory: join(dir, 'storage'),
    IndexDirectory: join(dir, 'index'),
    Plugins: ['/usr/share/orthanc/plugins/libOrthancDicomWeb.so'],
    HttpPort: http,
    DicomPort: dicom,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: true,
    RegisteredUsers: { [ORTHANC_LOGIN.user]: ORTHANC_LOGIN.password },
    DicomWeb: { Enable: true },
  };
  await writeFile(join(dir, 'orthanc.json'), JSON.stringify(config));
  const child = spawn('Orthanc', [join(dir, 'orthanc.json')], { cwd: dir, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const base = `http://127.0.0.1:${http}`;
  const authorization = `Basic ${Buffer.from(`${ORTHANC_LOGIN.user}:${ORTHANC_LOGIN.password}`).toString('base64')}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${base}/system`, { headers: { authorization } }).catch(() => undefined);
    if (answer?.ok) break;
    if (tries > 150) throw new Error('Orthanc did not start');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    dicomweb: `${base}/dicom-web`,
    async upload(body) {
      const answer = await fetch(`${base}/instances`, {
        method: 'POST',
        headers: { authorization },
        body: Buffer.from(body),
      });
      if (!answer.ok) throw new Error(`Orthanc refused an instance: ${answer.status}`);
    },
    async stop() {
      child.kill();
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
