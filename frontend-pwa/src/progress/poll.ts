// Asks the status address until the request has ended: the safety net below the socket.
import { asProblem } from "../api/problem";
import type { Progress } from "../api/shapes";

/** Between looks when the server names no wait of its own. */
const USUAL_WAIT_SECONDS = 1;
/** While the socket brings the news, a rare look guards against a message lost by both sides. */
const WAIT_BESIDE_SOCKET_SECONDS = 6;
/** After this many looks without an answer in a row, the walker is told. */
const PATIENCE = 5;

export interface PollParts {
  look: () => Promise<{ progress: Progress; waitSeconds: number | undefined }>;
  sleep: (seconds: number) => Promise<void>;
  socketIsOpen: () => boolean;
  isOver: () => boolean;
  onProgress: (progress: Progress) => void;
}

export function hasEnded(progress: Progress): boolean {
  return progress.status === "complete" || progress.status === "failed";
}

/** Returns when the request has ended, whoever told of it; throws a Problem when nobody answers. */
export async function pollUntilOver(parts: PollParts): Promise<void> {
  let failures = 0;
  let waitSeconds = parts.socketIsOpen() ? WAIT_BESIDE_SOCKET_SECONDS : USUAL_WAIT_SECONDS;
  while (true) {
    await sleepUnlessOver(parts, waitSeconds);
    if (parts.isOver()) return;
    try {
      const answer = await parts.look();
      failures = 0;
      parts.onProgress(answer.progress);
      waitSeconds = parts.socketIsOpen()
        ? WAIT_BESIDE_SOCKET_SECONDS
        : (answer.waitSeconds ?? USUAL_WAIT_SECONDS);
    } catch (error) {
      const problem = asProblem(error);
      failures += 1;
      // A request nobody knows will not be found by asking again.
      if (problem.status === 404 || failures >= PATIENCE) throw problem;
      waitSeconds = problem.retryAfterSeconds ?? USUAL_WAIT_SECONDS * 2 ** failures;
    }
  }
}

/** Sleeps in short steps; beside a socket, its closing ends the wait within a second. */
async function sleepUnlessOver(parts: PollParts, waitSeconds: number): Promise<void> {
  const isBesideSocket = parts.socketIsOpen();
  let slept = 0;
  while (slept < waitSeconds && !parts.isOver()) {
    const step = Math.min(USUAL_WAIT_SECONDS, waitSeconds - slept);
    await parts.sleep(step);
    slept += step;
    if (isBesideSocket && !parts.socketIsOpen()) return;
  }
}
