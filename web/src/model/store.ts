import { useEffect, useState } from 'preact/hooks';

/** A value that views follow. */
export class Store<T> {
  private readers = new Set<() => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set(value: T): void {
    this.current = value;
    for (const read of [...this.readers]) read();
  }

  change(part: Partial<T>): void {
    this.set({ ...this.current, ...part });
  }

  follow(read: () => void): () => void {
    this.readers.add(read);
    return () => this.readers.delete(read);
  }
}

/** The store's value. The component is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, draw] = useState(0);
  useEffect(() => store.follow(() => draw((n) => n + 1)), [store]);
  return store.value;
}
