import { fitToy } from './toy';

/** Trains the toy as a process of its own, to be killed: says each batch, writes a checkpoint after every one. */
const [runDir] = process.argv.slice(2);
void fitToy(runDir!, {
  trainer: { checkpoint_seconds: 1e-6 },
  callbacks: [
    {
      onBatchEnd: ({ epoch, batchesDone }) => {
        process.stdout.write(`${epoch} ${batchesDone}\n`);
      },
    },
  ],
});
