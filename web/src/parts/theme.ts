import { Store } from '../model/store';

export type Theme = 'auto' | 'light' | 'dark';

const place = 'relay-theme';
const order: Theme[] = ['auto', 'light', 'dark'];

/** The chosen theme. It rises its version when the colours change, also with the system's. */
export const theme = new Store<{ name: Theme; version: number }>({ name: (localStorage.getItem(place) as Theme | null) ?? 'auto', version: 0 });

export function show(name: Theme): void {
  localStorage.setItem(place, name);
  document.documentElement.dataset['theme'] = name;
  theme.set({ name, version: theme.value.version + 1 });
}

export function next(name: Theme): Theme {
  return order[(order.indexOf(name) + 1) % order.length]!;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => theme.change({ version: theme.value.version + 1 }));

/** A colour of the style sheet in the current theme, for canvases. */
export function colour(name: string): string {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(--${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
