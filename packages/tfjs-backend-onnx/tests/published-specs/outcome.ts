/** What one backend makes of the specs. */
export interface SpecOutcome {
  passed: string[];
  /** Name → what Jasmine said. */
  failed: Record<string, string>;
  /** How often tfjs-cpu had to answer, by kernel. */
  fallbacks: Record<string, number>;
}
