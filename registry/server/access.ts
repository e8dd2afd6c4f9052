import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { registryError } from '../errors';

export interface AccessOptions {
  host: string;
  token?: string | undefined;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Loopback without a token, nothing else. REGISTRY_NEEDS_TOKEN. */
export function checkBinding({ host, token }: AccessOptions): void {
  if (!LOOPBACK.has(host) && !token) throw registryError('REGISTRY_NEEDS_TOKEN', { host });
}

/**
 * Refuses what a web page of another origin could send to a server on loopback: a name that was rebound to
 * 127.0.0.1 (Host), and a request that a browser marks as coming from elsewhere (Origin).
 */
export function checkHost({ host }: AccessOptions): RequestHandler {
  return (request, _response, next) => {
    const { host: asked = '', origin } = request.headers;
    const isKnown = !LOOPBACK.has(host) || LOOPBACK.has(hostnameOf(`http://${asked}`));
    if (!isKnown) throw registryError('REGISTRY_HOST_REFUSED', { host: asked });
    if (origin !== undefined && URL.parse(origin)?.host !== asked) {
      throw registryError('REGISTRY_HOST_REFUSED', { host: origin });
    }
    next();
  };
}

/** The token as a bearer, or as the password of any user, which is what MLflow's clients send. */
export function checkToken({ token }: AccessOptions): RequestHandler {
  const wanted = token === undefined ? undefined : hashOf(token);
  return (request, _response, next) => {
    const given = tokenOf(request.headers.authorization ?? '');
    if (wanted && !timingSafeEqual(hashOf(given), wanted)) throw registryError('REGISTRY_UNAUTHENTICATED');
    next();
  };
}

function tokenOf(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const [, ...password] = Buffer.from(value, 'base64').toString().split(':');
  return password.join(':');
}

function hostnameOf(url: string): string {
  return URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
