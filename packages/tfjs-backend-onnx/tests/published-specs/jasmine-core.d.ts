/** As much of Jasmine as runs the specs; its own types would be global and at odds with those of Jest. */
declare module 'jasmine-core' {
  interface SpecResult {
    status: 'passed' | 'failed' | 'pending' | 'excluded';
    fullName: string;
    failedExpectations: { message: string }[];
  }
  interface Environment {
    configure(options: { random: boolean; specFilter: (spec: { getFullName(): string }) => boolean }): void;
    addReporter(reporter: { specDone(result: SpecResult): void }): void;
    execute(): Promise<unknown>;
  }
  const jasmineRequire: { boot(): { getEnv(): Environment } };
  export default jasmineRequire;
}
