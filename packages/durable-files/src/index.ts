export { digestFile, digestJson, isDigest, sha256, shortDigest } from './digest';
export { readJson, replaceDirectory, writeFileDurably, writeJsonDurably } from './durable-write';
export { withFileLock } from './lock';
export { createSecretFile } from './secret-file';
