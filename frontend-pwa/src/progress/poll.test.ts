// Asking for the status: as often as the server likes, rarely beside a socket, and not for ever.
import { expect, it } from "vitest";
import { Problem } from "../api/problem";
import type { Progress } from "../api/shapes";
import { hasEnded, pollUntilOver } from "./poll";

const progress = (status: Progress["status"]): Progress => ({ request_id: "r", status });

function bench(answers: (Progress | Problem)[], socket: () => boolean = () => false) {
  let clock = 0;
  const looks: number[] = [];
  const heard: Progress[] = [];
  const run = pollUntilOver({
    look: async () => {
      looks.push(clock);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Problem) throw answer;
      return { progress: answer as Progress, waitSeconds: 2 };
    },
    sleep: async (seconds) => {
      clock += seconds;
    },
    socketIsOpen: socket,
    isOver: () => heard.some(hasEnded),
    onProgress: (news) => heard.push(news),
  });
  return { run, looks, heard, clock: () => clock };
}

it("looks after a second, then whenever the server says, until the end", async () => {
  const { run, looks } = bench([
    progress("pending"),
    progress("in_progress"),
    progress("complete"),
  ]);
  await run;
  expect(looks).toEqual([1, 3, 5]);
});

it("only looks now and then while the socket is open", async () => {
  const { run, looks } = bench([progress("in_progress"), progress("complete")], () => true);
  await run;
  expect(looks).toEqual([6, 12]);
});

it("looks within a second when the socket closes", async () => {
  let checks = 0;
  const { run, looks } = bench([progress("in_progress"), progress("complete")], () => {
    checks += 1;
    return checks < 4;
  });
  await run;
  expect(looks[0]).toBeLessThanOrEqual(3);
});

it("gives up after five unanswered looks in a row", async () => {
  const { run, looks } = bench([new Problem({ code: "unreachable", message: "" })]);
  await expect(run).rejects.toMatchObject({ code: "unreachable" });
  expect(looks).toHaveLength(5);
});

it("gives up at once on a request nobody knows", async () => {
  const { run, looks } = bench([new Problem({ code: "not_found", message: "", status: 404 })]);
  await expect(run).rejects.toMatchObject({ code: "not_found" });
  expect(looks).toHaveLength(1);
});

it("forgets a failure once it is answered again", async () => {
  const lost = () => new Problem({ code: "unreachable", message: "" });
  const answers = [
    lost(),
    lost(),
    lost(),
    progress("pending"),
    lost(),
    lost(),
    lost(),
    progress("complete"),
  ];
  const { run, heard } = bench(answers);
  await run;
  expect(heard.map((news) => news.status)).toEqual(["pending", "complete"]);
});
