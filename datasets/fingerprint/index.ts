export { type Fingerprint, fingerprintOf } from './fingerprint';
