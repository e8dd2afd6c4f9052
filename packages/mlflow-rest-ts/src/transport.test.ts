import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMlflowApiError, MlflowClient } from '.';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that gives each answer once, in order, and the last one from then on. */
async function serverThatAnswers(...answers: Answer[]) {
  const seen: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    request.resume().on('end', () => {
      answers[Math.min(seen.length, answers.length) - 1]?.(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const trackingUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { trackingUri, seen, client: new MlflowClient({ trackingUri, backoffMs: 1 }) };
}

const reply =
  (status: number, body: unknown): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
const hangUp: Answer = (request) => request.socket.destroy();
const experiment = { experiment: { experiment_id: '7', name: 'luna' } };

test('what may be repeated is repeated through 429, 503 and a lost connection', async () => {
  const { client, seen } = await serverThatAnswers(reply(429, {}), reply(503, {}), hangUp, reply(200, experiment));
  expect(await client.getExperimentByName('luna')).toMatchObject({ experimentId: '7', name: 'luna' });
  expect(seen.length).toBe(4);
});

test('a call that creates is not repeated once it may have arrived', async () => {
  const lost = await serverThatAnswers(hangUp);
  await expect(lost.client.createRun({ experimentId: '0' })).rejects.toMatchObject({ code: 'MLFLOW_UNREACHABLE' });
  expect(lost.seen.length).toBe(1);
  const failed = await serverThatAnswers(reply(500, { error_code: 'INTERNAL_ERROR', message: 'x' }));
  await expect(failed.client.createExperiment('a')).rejects.toMatchObject({ errorCode: 'INTERNAL_ERROR', status: 500 });
  expect(failed.seen.length).toBe(1);
});

test("the server's own error comes through, and an absent thing is undefined", async () => {
  const { client } = await serverThatAnswers(reply(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No run' }));
  const error: unknown = await client.getRun('r').catch((problem: unknown) => problem);
  expect(isMlflowApiError(error, 'RESOURCE_DOES_NOT_EXIST')).toBe(true);
  expect(error).toMatchObject({ code: 'MLFLOW_RESOURCE_DOES_NOT_EXIST', status: 404 });
  expect(await client.getExperimentByName('x')).toBeUndefined();
});

test('a reply that is not the API is named, with the address', async () => {
  const { client, trackingUri } = await serverThatAnswers((_, response) => response.end('<html>login</html>'));
  await expect(client.getRun('r')).rejects.toMatchObject({
    code: 'MLFLOW_REPLY_MALFORMED',
    details: { url: `${trackingUri}/api/2.0/mlflow/runs/get` },
  });
});

test('no server is an error with the address, after the last try', async () => {
  const { client, trackingUri } = await serverThatAnswers(reply(200, {}));
  for (const close of closers.splice(0)) await close();
  await expect(client.getRun('r')).rejects.toMatchObject({ code: 'MLFLOW_UNREACHABLE' });
  expect(() => new MlflowClient({ trackingUri: 'file:///tmp/x' })).toThrow('no address of an MLflow server');
  expect(trackingUri).toMatch(/^http/);
});

test('a token or a user is sent with every request', async () => {
  const { trackingUri, seen } = await serverThatAnswers(reply(200, experiment));
  await new MlflowClient({ trackingUri, token: 's3' }).getExperimentByName('luna');
  await new MlflowClient({ trackingUri, username: 'a', password: 'b' }).getExperimentByName('luna');
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer s3', 'Basic YTpi']);
});

test('an aborted signal ends the waiting between tries', async () => {
  const { trackingUri } = await serverThatAnswers(reply(503, {}));
  const client = new MlflowClient({ trackingUri, backoffMs: 60_000, signal: AbortSignal.timeout(50) });
  await expect(client.getRun('r')).rejects.toMatchObject({ name: expect.stringMatching(/Abort|Timeout/) as string });
});
