/**
 * Seeded random numbers that are the same on every machine: xoshiro128** (Blackman and Vigna,
 * "Scrambled linear pseudorandom number generators", 2021), seeded through SplitMix32.
 */
export interface Random {
  /** Uniform in [0, 1), with 32 random bits. */
  uniform: () => number;
  /** Standard normal (Box–Muller, one value a pair of uniforms). */
  normal: () => number;
  /** Uniform integer in [0, n). */
  integer: (n: number) => number;
  /** A new array in random order (Fisher–Yates). */
  shuffle: <T>(items: readonly T[]) => T[];
  /** An independent stream named within this one. It does not advance this one. */
  fork: (name: string) => Random;
  /** Four 32-bit words that `restoreRandom` continues from. */
  state: () => number[];
}

export function seededRandom(seed: number | string): Random {
  const next = splitMix32(typeof seed === 'number' ? seed : hashText(seed));
  return restoreRandom([next(), next(), next(), next()]);
}

export function restoreRandom(state: readonly number[]): Random {
  let [a = 1, b = 0, c = 0, d = 0] = state;

  function nextWord(): number {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  }

  const random: Random = {
    uniform: () => nextWord() / 2 ** 32,
    normal() {
      const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
      return radius * Math.cos(2 * Math.PI * random.uniform());
    },
    integer: (n) => Math.floor(random.uniform() * n),
    shuffle(items) {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
      }
      return shuffled;
    },
    fork: (name) => seededRandom([...random.state(), name].join(' ')),
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
  return random;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** SplitMix32, to spread a small seed over the whole state. */
function splitMix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
