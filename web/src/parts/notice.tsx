import { Store, useStore } from '../model/store';

const notice = new Store<string>('');
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says what has happened, also to screen readers. */
export function notify(message: string): void {
  notice.set(message);
  clearTimeout(timer);
  timer = setTimeout(() => notice.set(''), 6000);
}

export function Notice() {
  const message = useStore(notice);
  return (
    <div class={message ? 'notice shown' : 'notice'} role="status">
      {message}
    </div>
  );
}

/** Copies a text and confirms it. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(`${what} copied`);
  } catch {
    notify(`The browser did not allow copying the ${what.toLowerCase()}`);
  }
}
