import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/** Base64 of the Ed25519 signature over the text of a digest. */
export function signDigest(privateKeyPem: string, digest: string): string {
  return sign(null, Buffer.from(digest), createPrivateKey(privateKeyPem)).toString('base64');
}

/** Whether the gate with this public key signed this digest. */
export function isSignedBy(
  publicKeyPem: string,
  { digest, signature }: { digest: string; signature: string },
): boolean {
  return verify(null, Buffer.from(digest), createPublicKey(publicKeyPem), Buffer.from(signature, 'base64'));
}
