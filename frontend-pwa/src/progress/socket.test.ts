// The socket comes back by itself, later each time, and asks for what it missed.
import { describe, expect, it } from "vitest";
import type { Progress } from "../api/shapes";
import { LONGEST_WAIT_MILLISECONDS, waitBeforeRetry } from "./backoff";
import { ProgressSocket, type Wire } from "./socket";

class Bench {
  readonly wires: (Wire & { address: string; closed: boolean })[] = [];
  readonly waits: number[] = [];
  readonly news: Progress[] = [];
  readonly connection: boolean[] = [];
  renewals = 0;
  private due: (() => void)[] = [];

  readonly socket = new ProgressSocket({
    connect: (address) => {
      const wire = {
        address,
        closed: false,
        onopen: null,
        onmessage: null,
        onclose: null,
        close: () => {
          wire.closed = true;
        },
      } as Wire & { address: string; closed: boolean };
      this.wires.push(wire);
      return wire;
    },
    schedule: (task, milliseconds) => {
      this.waits.push(milliseconds);
      this.due.push(task);
      return () => {
        this.due = this.due.filter((other) => other !== task);
      };
    },
    random: () => 0,
    onProgress: (progress) => this.news.push(progress),
    onConnection: (isOpen) => this.connection.push(isOpen),
    beforeRetry: async () => {
      this.renewals += 1;
    },
  });

  get wire() {
    const last = this.wires.at(-1);
    if (last === undefined) throw new Error("never connected");
    return last;
  }

  hear(message: unknown) {
    this.wire.onmessage?.({
      data: typeof message === "string" ? message : JSON.stringify(message),
    });
  }

  async passTime() {
    for (const task of this.due.splice(0)) await task();
  }

  get waitingTasks() {
    return this.due.length;
  }
}

const status = (id: number, progress: number) => ({
  type: "route_generation_status",
  id,
  request_id: "r",
  status: "in_progress",
  progress,
});

describe("the socket", () => {
  it("hands on progress and leaves other messages and noise alone", () => {
    const bench = new Bench();
    bench.socket.start();
    bench.wire.onopen?.();
    bench.hear(status(1, 30));
    bench.hear({ type: "poi_nearby", id: 2 });
    bench.hear("not json");
    bench.hear("null");
    expect(bench.news.map((news) => news.progress)).toEqual([30]);
  });

  it("resumes after the last message it heard, of whatever type", async () => {
    const bench = new Bench();
    bench.socket.start();
    bench.wire.onopen?.();
    bench.hear(status(7, 30));
    bench.hear({ type: "error", id: 9 });
    bench.wire.onclose?.();
    await bench.passTime();
    expect(bench.wires.map((wire) => wire.address)).toEqual(["/ws", "/ws?since=9"]);
    expect(bench.connection).toEqual([true, false]);
  });

  it("waits twice as long after each refusal and starts afresh once it was open", async () => {
    const bench = new Bench();
    bench.socket.start();
    for (let refusal = 0; refusal < 3; refusal += 1) {
      bench.wire.onclose?.();
      await bench.passTime();
    }
    bench.wire.onopen?.();
    bench.wire.onclose?.();
    expect(bench.waits).toEqual([500, 1000, 2000, 500]);
  });

  it("renews the session before knocking again where it was refused, not where it was cut off", async () => {
    const bench = new Bench();
    bench.socket.start();
    bench.wire.onclose?.();
    await bench.passTime();
    expect(bench.renewals).toBe(1);
    bench.wire.onopen?.();
    bench.wire.onclose?.();
    await bench.passTime();
    expect(bench.renewals).toBe(1);
  });

  it("stays silent once stopped", async () => {
    const bench = new Bench();
    bench.socket.start();
    bench.wire.onclose?.();
    bench.socket.stop();
    expect(bench.waitingTasks).toBe(0);
    await bench.passTime();
    expect(bench.wires).toHaveLength(1);
  });
});

describe("the wait", () => {
  it("never grows past its limit and never falls below half of what is due", () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      for (const random of [0, 0.3, 1]) {
        const wait = waitBeforeRetry(attempt, random);
        expect(wait).toBeLessThanOrEqual(LONGEST_WAIT_MILLISECONDS);
        expect(wait).toBeGreaterThanOrEqual(
          Math.min(LONGEST_WAIT_MILLISECONDS, 500 * 2 ** attempt) / 2,
        );
      }
    }
  });
});
