// Listens to the server's news over one WebSocket that comes back by itself and misses nothing.
import type { Progress } from "../api/shapes";
import { waitBeforeRetry } from "./backoff";

/** As much of a browser's WebSocket as is used here. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

export interface SocketParts {
  connect: (address: string) => Wire;
  /** Runs the task after the wait; returns what calls it off. */
  schedule: (task: () => void, milliseconds: number) => () => void;
  random: () => number;
  onProgress: (progress: Progress) => void;
  onConnection: (isOpen: boolean) => void;
  /** Called before another attempt when the last one was refused: the session may have ended. */
  beforeRetry: () => Promise<unknown>;
}

export class ProgressSocket {
  private readonly parts: SocketParts;
  private wire: Wire | null = null;
  private callOffRetry: (() => void) | null = null;
  private attempt = 0;
  private lastMessageId: number | null = null;
  private stopped = true;

  constructor(parts: SocketParts) {
    this.parts = parts;
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.open();
  }

  stop(): void {
    this.stopped = true;
    this.callOffRetry?.();
    this.callOffRetry = null;
    this.wire?.close();
    this.wire = null;
  }

  private open(): void {
    const since = this.lastMessageId === null ? "" : `?since=${this.lastMessageId}`;
    const wire = this.parts.connect(`/ws${since}`);
    let wasOpen = false;
    this.wire = wire;
    wire.onopen = () => {
      wasOpen = true;
      this.attempt = 0;
      this.parts.onConnection(true);
    };
    wire.onmessage = (event) => this.hear(event.data);
    wire.onclose = () => {
      if (this.wire === wire) this.wire = null;
      this.parts.onConnection(false);
      if (!this.stopped) this.retry(wasOpen);
    };
  }

  private retry(wasOpen: boolean): void {
    const wait = waitBeforeRetry(this.attempt, this.parts.random());
    this.attempt += 1;
    this.callOffRetry = this.parts.schedule(async () => {
      this.callOffRetry = null;
      // A browser does not tell why a handshake failed; asking who we are renews an ended session.
      if (!wasOpen) await this.parts.beforeRetry().catch(() => undefined);
      if (!this.stopped) this.open();
    }, wait);
  }

  private hear(data: unknown): void {
    const message = parseMessage(data);
    if (message === null) return;
    if (typeof message.id === "number") this.lastMessageId = message.id;
    if (message.type !== "route_generation_status") return;
    this.parts.onProgress(message as unknown as Progress);
  }
}

/** The message as an object, or nothing: what cannot be read is not worth breaking the page for. */
function parseMessage(data: unknown): Record<string, unknown> | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null
      ? (message as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
