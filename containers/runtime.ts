/** How a service is run, without what differs from revision to revision. */
export interface ServiceCommand {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** Something that runs, as the system sees it now. */
export interface Running {
  pid: number;
  /** Where it says it answers; null until it is ready. */
  url: string | null;
}

/**
 * Starts services and tells the truth about them. A revision is known by its folder alone, so that a caller that was
 * killed at any instant finds, and can stop, whatever it had started.
 */
export interface Runtime {
  readonly name: string;
  /** Starts a service that outlives this process. Its identity and its logs go to `dir`, which must be new. */
  start: (dir: string, service: ServiceCommand) => Promise<void>;
  /** The process of this revision and of no other, or null where it has ended. */
  running: (dir: string) => Promise<Running | null>;
  alive: (dir: string) => Promise<boolean>;
  /** Whether it wants requests now. */
  health: (dir: string) => Promise<boolean>;
  /** Asks it to finish, and kills it after the time of grace. Whatever started late is caught too. */
  stop: (dir: string, graceMs?: number) => Promise<void>;
  /** The last lines of its log. */
  logs: (dir: string, lines: number) => Promise<string[]>;
}
