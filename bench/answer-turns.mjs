// The other end of turns.mjs, for programs in JavaScript.
import { createInterface } from 'node:readline';

/** Answers each line with what `take` gives, `end` with the peak memory in MiB. */
export async function answerTurns(version, take) {
  console.log(`ready ${version}`);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'end') break;
    console.log(await take());
  }
  console.log(process.resourceUsage().maxRSS / 1024);
}
