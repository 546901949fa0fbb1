// Holds the page's one value and tells who listens when it changes.

export class Store<State, Event> {
  private state: State;
  private readonly listeners = new Set<() => void>();
  private readonly next: (state: State, event: Event) => State;

  constructor(first: State, next: (state: State, event: Event) => State) {
    this.state = first;
    this.next = next;
  }

  readonly now = (): State => this.state;

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  tell(event: Event): void {
    this.state = this.next(this.state, event);
    for (const listener of this.listeners) listener();
  }

  /** Resolves as soon as the state is as asked for. */
  until(isSo: (state: State) => boolean): Promise<void> {
    if (isSo(this.state)) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.listen(() => {
        if (!isSo(this.state)) return;
        stop();
        resolve();
      });
    });
  }
}
