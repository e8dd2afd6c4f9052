/**
 * Loss scaling (Micikevicius et al., Mixed Precision Training, ICLR 2018, section 3.2): float16 has no numbers below
 * 6·10⁻⁸, where many gradients lie. The loss is multiplied before they are computed, and they are divided after.
 */
import { Optimizer, abs, addN, dispose, mul, scalar, sum, tidy } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';

type NamedTensors = Awaited<ReturnType<Optimizer['getWeights']>>;

export interface LossScalingOptions {
  /** What the loss is multiplied by at first. Default 2¹⁶: the first steps find out how much of it is too much. */
  initialScale?: number;
  /** Steps without an overflow after which the scale is doubled. Default 2000. */
  growthInterval?: number;
}

/** The scale, which halves with every step whose gradients overflowed, and doubles after many that did not. */
export interface LossScaler {
  readonly scale: number;
  /** Steps left out because their gradients were not finite. */
  readonly skippedSteps: number;
  /** Notes how a step went. */
  update: (isFinite: boolean) => void;
}

const LARGEST = 2 ** 24;

/** For a training loop of one's own; `mixedPrecision` does it for an optimizer. */
export function lossScaler({ initialScale = 2 ** 16, growthInterval = 2000 }: LossScalingOptions = {}): LossScaler {
  let scale = initialScale;
  let skippedSteps = 0;
  let goodSteps = 0;
  return {
    get scale() {
      return scale;
    },
    get skippedSteps() {
      return skippedSteps;
    },
    update(isFinite) {
      if (!isFinite) {
        scale = Math.max(1, scale / 2);
        skippedSteps++;
        goodSteps = 0;
      } else if (++goodSteps === growthInterval) {
        scale = Math.min(LARGEST, scale * 2);
        goodSteps = 0;
      }
    },
  };
}

/** An optimizer that scales the loss, and leaves out steps whose gradients overflowed. */
export class LossScalingOptimizer extends Optimizer {
  constructor(
    private readonly inner: Optimizer,
    readonly scaler: LossScaler,
  ) {
    super();
  }

  /** The loss as it is, and its gradients, computed at the scale and brought back from it. */
  override computeGradients(f: () => Scalar, varList?: Variable[]): { value: Scalar; grads: NamedTensorMap } {
    const { scale } = this.scaler;
    const { value, grads } = this.inner.computeGradients(() => mul(f(), scalar(scale)), varList);
    const result = tidy(() => {
      const factor = scalar(1 / scale);
      const unscaled = Object.entries(grads).map(([name, gradient]) => [name, mul(gradient, factor)] as const);
      return { value: mul<Scalar>(value, factor), grads: Object.fromEntries(unscaled) };
    });
    dispose([value, ...Object.values(grads)]);
    return result;
  }

  /** Reads one number: whether all gradients are finite. So a step is two graphs, where it was one. */
  override applyGradients(gradients: NamedTensorMap | NamedTensors): void {
    const given = Array.isArray(gradients) ? gradients.map(({ tensor }) => tensor) : Object.values(gradients);
    // TF.js names variables that the loss does not depend on, without a gradient.
    const isFinite = areFinite(given.filter((tensor: Tensor | undefined) => tensor !== undefined));
    if (isFinite) this.inner.applyGradients(gradients);
    this.scaler.update(isFinite);
  }

  override get iterations(): number {
    return this.inner.iterations;
  }

  override dispose(): void {
    this.inner.dispose();
  }

  override getWeights(): Promise<NamedTensors> {
    return this.inner.getWeights();
  }

  override setWeights(weights: NamedTensors): Promise<void> {
    return this.inner.setWeights(weights);
  }

  override getClassName(): string {
    return this.inner.getClassName();
  }

  override getConfig(): ReturnType<Optimizer['getConfig']> {
    return this.inner.getConfig();
  }
}

/** A sum is not finite as soon as one of its parts is not, on every device. */
function areFinite(gradients: readonly Tensor[]): boolean {
  if (gradients.length === 0) return true;
  const total = tidy(() => addN(gradients.map((gradient) => sum(abs(gradient)))).dataSync()[0]!);
  return Number.isFinite(total);
}

/**
 * Wraps an optimizer for training in mixed precision. It keeps its own float32 weights and states as ever.
 *
 * ```ts
 * registerOnnxBackend({ provider: 'cuda', precision: 'mixed' });
 * model.compile({ optimizer: mixedPrecision(tf.train.adam()), loss: 'categoricalCrossentropy' });
 * ```
 */
export function mixedPrecision(optimizer: Optimizer, options: LossScalingOptions = {}): LossScalingOptimizer {
  return new LossScalingOptimizer(optimizer, lossScaler(options));
}
