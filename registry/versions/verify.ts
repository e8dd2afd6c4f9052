import { isCodedError } from 'coded-error';
import { isSignedBy, readGatePublicKey } from 'model-bundle';
import type { ArtifactStore } from '../storage/artifact-store';
import type { Database } from '../storage/database';
import { aliasStack, firstBrokenRow, type HistoryRow, readHistory } from './history';
import { type ValidatedRow, validatedRows, versionRows, labelOf } from './model-versions';
import { readStoredEvidence, readStoredFiles } from './stored-bundle';

/** Something in the registry that is not as it was written. */
export interface Problem {
  kind: 'history' | 'version' | 'alias' | 'content' | 'signature' | 'artifact';
  /** `nodule-classifier@1.0.0` where a version is concerned. */
  version?: string;
  message: string;
}

/**
 * Walks the hash chain of the history, compares every version and alias with what the history says of it, hashes
 * every stored byte again, and checks each evidence against the gate's key. An empty list means: all as written.
 */
export async function verifyRegistry(db: Database, store: ArtifactStore, keyDir: string): Promise<Problem[]> {
  const history = readHistory(db);
  const problems: Problem[] = [...historyProblems(history), ...tableProblems(db, history)];
  const state = rememberVerdicts(store);
  const rows = validatedRows(db);
  for (const row of rows) problems.push(...(await contentProblems(store, state, row)));
  problems.push(...(await signatureProblems(rows, keyDir)));
  for (const { path, digest } of db.all('SELECT path, digest FROM artifacts') as { path: string; digest: string }[]) {
    const verdict = await state(digest);
    if (verdict !== 'intact')
      problems.push({ kind: 'artifact', message: `artifact ${path} is ${verdict} (${digest})` });
  }
  return problems;
}

function historyProblems(history: HistoryRow[]): Problem[] {
  const broken = firstBrokenRow(history);
  if (!broken) return [];
  const { seq, what, name } = broken;
  return [{ kind: 'history', message: `row ${seq} of the history (${what} ${name}) is not as it was written` }];
}

/** What the tables say must follow from the history: no version or alias without its row, none left out. */
function tableProblems(db: Database, history: HistoryRow[]): Problem[] {
  const problems: Problem[] = [];
  const registered = history.filter(({ what }) => what === 'registered');
  const rows = new Map(validatedRows(db).map((row) => [`${row.name}@${row.version}`, row]));
  for (const { name, to, details } of registered) {
    const version = `${name}@${to ?? ''}`;
    const row = rows.get(version);
    rows.delete(version);
    const same =
      row?.bundle_digest === details['bundleDigest'] &&
      row?.evidence_digest === details['evidenceDigest'] &&
      row?.number === details['number'] &&
      row?.run_id === details['runId'];
    const found = row ? 'is not what was registered' : 'was registered and is gone';
    if (!same) problems.push({ kind: 'version', version, message: `${version} ${found}` });
  }
  for (const version of rows.keys()) {
    problems.push({ kind: 'version', version, message: `${version} stands without its row in the history` });
  }
  return [...problems, ...aliasProblems(db, history)];
}

function aliasProblems(db: Database, history: HistoryRow[]): Problem[] {
  const key = (name: string, alias: string) => `${name}@${alias}`;
  const expected = new Map<string, string | undefined>();
  for (const { name, alias } of history) {
    if (alias === null) continue;
    const ofModel = history.filter((row) => row.name === name);
    expected.set(key(name, alias), aliasStack(ofModel, alias).at(-1));
  }
  const found = new Map<string, string>();
  for (const { name, alias, number } of db.all('SELECT * FROM aliases') as {
    name: string;
    alias: string;
    number: number;
  }[]) {
    const row = versionRows(db, name).find((version) => version.number === number);
    found.set(key(name, alias), row ? labelOf(row) : `#${number}`);
  }
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((alias) => expected.get(alias) !== found.get(alias))
    .map((alias) => ({
      kind: 'alias',
      message: `${alias} points at ${found.get(alias) ?? 'nothing'}, the history says ${expected.get(alias) ?? 'nothing'}`,
    }));
}

type Verdicts = (digest: string) => ReturnType<ArtifactStore['verify']>;

/** Versions share files; each is hashed once. */
function rememberVerdicts(store: ArtifactStore): Verdicts {
  const known = new Map<string, ReturnType<ArtifactStore['verify']>>();
  return (digest) => {
    const verdict = known.get(digest) ?? store.verify(digest);
    known.set(digest, verdict);
    return verdict;
  };
}

async function contentProblems(store: ArtifactStore, state: Verdicts, row: ValidatedRow): Promise<Problem[]> {
  const version = `${row.name}@${row.version}`;
  const problems: Problem[] = [];
  const check = async (what: string, digest: string) => {
    const verdict = await state(digest);
    if (verdict !== 'intact') {
      problems.push({ kind: 'content', version, message: `${what} of ${version} is ${verdict} (${digest})` });
    }
    return verdict === 'intact';
  };
  if (await check('the list of files', row.bundle_digest)) {
    const files = Object.entries(await readStoredFiles(store, row.bundle_digest));
    for (const [name, { sha256 }] of files) await check(name, sha256);
  }
  if (await check('the evidence', row.evidence_digest)) {
    const { files } = await readStoredEvidence(store, row.evidence_digest);
    for (const [name, digest] of Object.entries(files)) await check(name, digest);
  }
  return problems;
}

async function signatureProblems(rows: ValidatedRow[], keyDir: string): Promise<Problem[]> {
  if (rows.length === 0) return [];
  let publicKey: string;
  try {
    publicKey = await readGatePublicKey(keyDir);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return [{ kind: 'signature', message: error.message }];
  }
  return rows
    .filter((row) => !isSignedBy(publicKey, { digest: row.evidence_digest, signature: row.evidence_signature }))
    .map(({ name, version }) => ({
      kind: 'signature',
      version: `${name}@${version}`,
      message: `the evidence of ${name}@${version} is not signed by the gate's key`,
    }));
}
