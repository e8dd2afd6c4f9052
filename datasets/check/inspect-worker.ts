import { parentPort } from 'node:worker_threads';
import { answerFor } from './inspect-answer';

parentPort!.on('message', (path: string) => {
  void answerFor(path).then((answer) => {
    parentPort!.postMessage(answer);
  });
});
