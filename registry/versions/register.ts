import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Bundle,
  contradictionsOf,
  type Evidence,
  isChampionMetric,
  readBundle,
  readEvidence,
  readGatePublicKey,
  ruleHolds,
  type SignedEvidence,
} from 'model-bundle';
import { registryError } from '../errors';
import type { ArtifactStore } from '../storage/artifact-store';
import type { Database } from '../storage/database';
import { VERSIONS_FOLDER } from '../tracking/run-artifacts';
import { CHAMPION } from './aliases';
import { appendHistory } from './history';
import {
  aliasTarget,
  ensureRegisteredModel,
  highestVersion,
  insertVersion,
  nextNumber,
  type ValidatedRow,
  validatedRows,
} from './model-versions';
import { type Bump, deriveBump, FIRST_VERSION, nextVersion, type Provenance } from './semantic-version';
import { readStoredFiles, storeBundle, storeEvidence } from './stored-bundle';

export interface Registration {
  name: string;
  bundleDir: string;
  evidenceDir: string;
  runId: string;
  /** Raises the derived step; it can never lower it. */
  bump?: Bump | undefined;
  reason?: string | undefined;
}

/**
 * Makes a version of a bundle that passed the gate, or returns the one that these very bytes made before.
 * The evidence is judged here again: its signature, its digests, each rule from the figures of the report.
 * Nothing stands in the registry until the last step; content without a version is harmless.
 */
export async function register(
  context: { db: Database; store: ArtifactStore; keyDir: string; who: string },
  registration: Registration,
): Promise<ValidatedRow> {
  const { db, store, keyDir, who } = context;
  const bundle = await readBundle(registration.bundleDir);
  const evidence = await readEvidence(registration.evidenceDir, await readGatePublicKey(keyDir));
  judge(registration.name, bundle, evidence);
  await assertConsistent(registration.evidenceDir, evidence);
  const compared = await readComparedVersion(registration.evidenceDir);
  const { signature, ...signed } = evidence;
  await storeBundle(store, bundle);
  await storeEvidence(store, registration.evidenceDir, signed);
  for (;;) {
    const previous = highestVersion(validatedRows(db, registration.name));
    const provenance = previous && (await provenanceOf(store, previous));
    const row = db.transaction(() => {
      const rows = validatedRows(db, registration.name);
      const known = rows.find((one) => isSame(one, bundle, evidence));
      if (known) return known;
      assertCompared(db, registration.name, bundle, { rules: evidence.rules, compared });
      if (highestVersion(rows)?.version !== previous?.version) return undefined; // another process was faster: look again
      const made = madeFrom(previous, provenance, bundle, registration);
      return insert(db, { ...made, evidence, signature, bundle, registration, who });
    });
    if (row) return row;
  }
}

function judge(name: string, bundle: Bundle, evidence: Evidence): void {
  if (bundle.signature.name !== name) {
    throw registryError('REGISTRY_NAME_MISMATCH', { name, found: bundle.signature.name });
  }
  if (evidence.bundleDigest !== bundle.digest) {
    const digests = { evidence: evidence.bundleDigest, bundle: bundle.digest };
    throw registryError('REGISTRY_EVIDENCE_OF_OTHER_BUNDLE', digests);
  }
  const failed = evidence.rules
    .filter((rule) => rule.outcome !== 'not applicable' && (rule.outcome === 'fail' || !ruleHolds(rule)))
    .map(({ name: rule, value, op, threshold }) => `${rule} (${value} ${op} ${threshold} does not hold)`);
  if (evidence.rules.length === 0) failed.push('it was asked nothing');
  if (evidence.verdict !== 'pass' && failed.length === 0) failed.push('its verdict is "fail"');
  if (failed.length > 0) throw registryError('REGISTRY_GATE_FAILED', { reasons: failed.join('; ') });
}

/** What the gate signed must follow from what lies beside it. REGISTRY_EVIDENCE_CONTRADICTS, with the whole list. */
async function assertConsistent(dir: string, evidence: SignedEvidence): Promise<void> {
  const found = await contradictionsOf(dir, evidence);
  if (found.length > 0) throw registryError('REGISTRY_EVIDENCE_CONTRADICTS', { problems: found.join('; ') });
}

/**
 * A rule on the champion may be left open only while nothing serves, and is answered by what serves now and not by a
 * version that is easier to beat. REGISTRY_CHAMPION_NOT_COMPARED, REGISTRY_OTHER_CHAMPION
 */
function assertCompared(
  db: Database,
  name: string,
  bundle: Bundle,
  { rules, compared }: { rules: Evidence['rules']; compared: ComparedVersion | null },
): void {
  if (!rules.some(({ metric }) => isChampionMetric(metric))) return;
  const number = aliasTarget(db, name, CHAMPION);
  const champion = validatedRows(db, name).find((row) => row.number === number);
  if (!champion || champion.bundle_digest === bundle.digest) return;
  const serving = `${name}@${champion.version}`;
  const open = rules.filter(({ outcome }) => outcome === 'not applicable').map((rule) => rule.name);
  if (open.length > 0) {
    throw registryError('REGISTRY_CHAMPION_NOT_COMPARED', { champion: serving, rules: open.join('; ') });
  }
  if (compared?.bundle !== champion.bundle_digest) {
    throw registryError('REGISTRY_OTHER_CHAMPION', { champion: serving, compared: compared?.version ?? 'none' });
  }
}

interface ComparedVersion {
  version: string;
  bundle: string;
}

/** What the evidence compares with; null where it compares with nothing. */
async function readComparedVersion(evidenceDir: string): Promise<ComparedVersion | null> {
  const report = JSON.parse(await readFile(join(evidenceDir, 'report.json'), 'utf8')) as {
    champion: ComparedVersion | null;
  };
  return report.champion;
}

async function provenanceOf(store: ArtifactStore, row: ValidatedRow): Promise<Provenance> {
  const files = await readStoredFiles(store, row.bundle_digest);
  const read = async (name: string) => JSON.parse(await store.readText(files[name]?.sha256 ?? '')) as unknown;
  return {
    signature: (await read('signature.json')) as Provenance['signature'],
    lineage: (await read('lineage.json')) as Provenance['lineage'],
  };
}

function isSame(row: ValidatedRow, bundle: Bundle, evidence: SignedEvidence): boolean {
  return row.bundle_digest === bundle.digest && row.evidence_digest === evidence.digest;
}

function madeFrom(
  previous: ValidatedRow | undefined,
  provenance: Provenance | undefined,
  bundle: Bundle,
  { bump }: Registration,
): { version: string; from: string | null; because: string } {
  if (!previous || !provenance) return { version: FIRST_VERSION, from: null, because: 'it is the first' };
  const derived = deriveBump(provenance, bundle);
  const version = nextVersion(previous.version, derived, bump);
  return { version, from: previous.version, because: derived.reason };
}

function insert(
  db: Database,
  made: {
    version: string;
    from: string | null;
    because: string;
    bundle: Bundle;
    evidence: SignedEvidence;
    signature: string;
    registration: Registration;
    who: string;
  },
): ValidatedRow {
  const { version, from, because, bundle, evidence, signature, registration, who } = made;
  const { name, runId, reason } = registration;
  const now = Date.now();
  ensureRegisteredModel(db, name, now);
  const folder = `${VERSIONS_FOLDER}/${name}/${version}`;
  const row: ValidatedRow = {
    name,
    number: nextNumber(db, name),
    version,
    bundle_digest: bundle.digest,
    evidence_digest: evidence.digest,
    evidence_signature: signature,
    run_id: runId,
    source: `mlflow-artifacts:/${folder}`,
    description: '',
    created_at: now,
  };
  insertVersion(db, row);
  for (const [file, { sha256, bytes }] of Object.entries(bundle.files)) {
    db.run('INSERT INTO artifacts VALUES (?, ?, ?)', `${folder}/${file}`, sha256, bytes);
  }
  const details = { number: row.number, bundleDigest: bundle.digest, evidenceDigest: evidence.digest, runId };
  const why = reason === undefined ? because : `${reason} (${because})`;
  appendHistory(db, { who, what: 'registered', name, from, to: version, why, details });
  return row;
}
