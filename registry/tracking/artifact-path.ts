import { registryError } from '../errors';

/**
 * The one form in which an artifact's path is accepted: relative, single slashes, no way up.
 * Paths are names in a table and never opened on disk; still, what looks like an attack is refused
 * (also when it is encoded twice), because clients put these paths on their own disks.
 */
export function safeArtifactPath(encoded: string): string {
  const path = decode(encoded, encoded);
  for (let layer = path, depth = 0; ; depth++) {
    const problem = depth > 8 ? 'it is encoded too often' : problemOf(layer);
    if (problem) throw registryError('REGISTRY_ARTIFACT_PATH', { path: JSON.stringify(encoded), problem });
    const inner = decodeLeniently(layer);
    if (inner === layer) return path;
    layer = inner;
  }
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > 1024) return 'it is longer than 1024 characters';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'it holds a control character';
  if (path.includes('\\')) return 'it holds a backslash';
  if (path.includes('#')) return 'it holds a #';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is absolute';
  if (/^[A-Za-z][\w+.-]*:\//.test(path)) return 'it is an address';
  const segments = path.split('/');
  if (segments.includes('')) return 'it holds an empty part';
  if (segments.some((segment) => /^\.{1,2}$/.test(segment.trim()))) return 'it leaves its folder';
  return undefined;
}

function decode(text: string, encoded: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    const problem = 'its encoding is broken';
    throw registryError('REGISTRY_ARTIFACT_PATH', { path: JSON.stringify(encoded), problem }, cause);
  }
}

function decodeLeniently(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}
