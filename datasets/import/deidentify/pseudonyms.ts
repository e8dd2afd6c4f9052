import { createHmac } from 'node:crypto';

/** What a patient, a UID and a date become under one key. The same in every file and every run; another key, other values. */
export interface Pseudonyms {
  /** Tells keys apart without telling the key. */
  keyFingerprint: string;
  /** `P` and 16 hexadecimal digits, of the PatientID. */
  patient: (patientId: string) => string;
  /** A UID under 2.25 (PS3.5 B.2: the decimal value of a 128-bit UUID), of the original UID. */
  uid: (original: string) => string;
  /** Whole days, the same for all dates of a patient: one to ten years back. */
  dayShift: (patientId: string) => number;
  /** Names a file or a state of a source without telling anything of it. */
  digest: (text: string) => string;
}

const MOST_DAYS = 3652;
const LEAST_DAYS = 365;

export function createPseudonyms(key: Uint8Array): Pseudonyms {
  const hmac = (purpose: string, text: string) => createHmac('sha256', key).update(`${purpose}\0${text}`).digest();
  const uids = new Map<string, string>();
  return {
    keyFingerprint: hmac('fingerprint', '').toString('hex').slice(0, 16),
    patient: (patientId) => `P${hmac('patient', patientId).toString('hex').slice(0, 16)}`,
    uid(original) {
      const known = uids.get(original);
      if (known !== undefined) return known;
      const made = toUid(hmac('uid', original));
      uids.set(original, made);
      return made;
    },
    dayShift: (patientId) => -(LEAST_DAYS + (hmac('days', patientId).readUInt32BE(0) % (MOST_DAYS - LEAST_DAYS + 1))),
    digest: (text) => hmac('digest', text).toString('hex').slice(0, 32),
  };
}

/** The first 128 bits as a UUID of version 8 (RFC 9562: custom), written as an OID. */
function toUid(hash: Buffer): string {
  const uuid = Buffer.from(hash.subarray(0, 16));
  uuid[6] = (uuid[6]! & 0x0f) | 0x80;
  uuid[8] = (uuid[8]! & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${uuid.toString('hex')}`)}`;
}
