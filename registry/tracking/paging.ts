import { registryError } from '../errors';

export interface Page<T> {
  items: T[];
  nextPageToken: string | undefined;
}

/** One page; `fetch` is asked for one row more than fits, to learn whether there is a next page. */
export function pageOf<T>(
  size: number,
  pageToken: string | undefined,
  fetch: (limit: number, offset: number) => T[],
): Page<T> {
  const offset = offsetOf(pageToken);
  const items = fetch(size + 1, offset);
  const nextPageToken = items.length > size ? Buffer.from(`offset:${offset + size}`).toString('base64url') : undefined;
  return { items: items.slice(0, size), nextPageToken };
}

function offsetOf(pageToken: string | undefined): number {
  if (!pageToken) return 0;
  const match = /^offset:(\d{1,12})$/.exec(Buffer.from(pageToken, 'base64url').toString());
  if (!match) throw registryError('REGISTRY_INVALID', { problem: `"${pageToken}" is no page token of this server` });
  return Number(match[1]);
}
