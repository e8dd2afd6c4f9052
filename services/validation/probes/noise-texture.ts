import { seededRandom } from 'seeded-random';
import type { NoiseTexture } from './perturbations';

/** Where the spectrum of a standard body kernel has its peak, cycles a millimetre. */
const PEAK_PER_MM = 0.3;
const SIDE = 128;
const PLANES = 4;

/**
 * Noise of mean 0 and variance 1 with the power spectrum f · exp(−f² / 2p²) in the plane, f cycles a millimetre and p its
 * peak: the ramp of filtered back-projection, rolled off by the kernel (Riederer, Pelc and Chesler, Phys. Med. Biol. 23
 * (1978); peaks of kernels in use: Solomon, Christianson and Samei, Med. Phys. 39 (2012)). Planes are independent.
 */
export function reconstructionNoise(rowMm: number, columnMm: number): NoiseTexture {
  const random = seededRandom('reconstruction noise');
  const plane = SIDE * SIDE;
  const values = new Float32Array(PLANES * plane);
  const amplitude = amplitudes(rowMm, columnMm);
  const [real, imaginary] = [new Float64Array(plane), new Float64Array(plane)];
  // Of a complex spectrum without symmetry the real and the imaginary part are two independent pictures.
  for (let p = 0; p < PLANES; p += 2) {
    for (let i = 0; i < plane; i++) {
      real[i] = amplitude[i]! * random.normal();
      imaginary[i] = amplitude[i]! * random.normal();
    }
    transform2d(real, imaginary);
    values.set(real, p * plane);
    values.set(imaginary, (p + 1) * plane);
  }
  standardise(values);
  return { values, planes: PLANES, side: SIDE };
}

/** Square roots of the power at each frequency of the transform, `[SIDE, SIDE]`. */
function amplitudes(rowMm: number, columnMm: number): Float64Array {
  const frequency = (index: number, mm: number) => (index < SIDE / 2 ? index : index - SIDE) / (SIDE * mm);
  return Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
    const f = Math.hypot(frequency(Math.floor(i / SIDE), rowMm), frequency(i % SIDE, columnMm));
    return Math.sqrt(f * Math.exp(-(f * f) / (2 * PEAK_PER_MM * PEAK_PER_MM)));
  });
}

function transform2d(real: Float64Array, imaginary: Float64Array): void {
  for (let row = 0; row < SIDE; row++) transform(real, imaginary, row * SIDE, 1);
  for (let column = 0; column < SIDE; column++) transform(real, imaginary, column, SIDE);
}

/** Fourier transform of one line of SIDE complex numbers in place: Cooley and Tukey, radix 2. */
function transform(real: Float64Array, imaginary: Float64Array, start: number, stride: number): void {
  for (let i = 1, j = 0; i < SIDE; i++) {
    let bit = SIDE >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(real, start + i * stride, start + j * stride);
      swap(imaginary, start + i * stride, start + j * stride);
    }
  }
  for (let length = 2; length <= SIDE; length *= 2) {
    for (let k = 0; k < length / 2; k++) {
      const angle = (2 * Math.PI * k) / length;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let first = k; first < SIDE; first += length) {
        const a = start + first * stride;
        const b = a + (length / 2) * stride;
        const re = cos * real[b]! - sin * imaginary[b]!;
        const im = cos * imaginary[b]! + sin * real[b]!;
        real[b] = real[a]! - re;
        imaginary[b] = imaginary[a]! - im;
        real[a] = real[a]! + re;
        imaginary[a] = imaginary[a]! + im;
      }
    }
  }
}

function swap(values: Float64Array, a: number, b: number): void {
  const kept = values[a]!;
  values[a] = values[b]!;
  values[b] = kept;
}

function standardise(values: Float32Array): void {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(squares / values.length - mean * mean);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / deviation;
}
