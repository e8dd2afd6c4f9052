import { createInterface } from 'node:readline';

/** The worker's side: greets, then answers each line of standard input with what `run` gives for it. */
export async function answerRounds(greeting: object, run: (request: unknown) => Promise<object>): Promise<void> {
  const answer = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
  answer(greeting);
  for await (const line of createInterface(process.stdin)) answer(await run(JSON.parse(line)));
}
