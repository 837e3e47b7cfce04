// Reads values of unknown shape, which third parties and files send.

/** A text for people. Characters that reverse or hide text are replaced. */
export function text(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u061c\ufeff]/g, '\ufffd');
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return '';
  }
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function record(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function number(value: unknown): number {
  const n = typeof value === 'string' ? Number(value) : value;
  return typeof n === 'number' && Number.isFinite(n) ? n : 0;
}

/** A URL of a web page, or nothing: other schemes may run code. */
export function webURL(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const url = new URL(value);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** 1 entry, 2,000 entries. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** snake_case and kebab-case as words. */
export function words(name: string): string {
  return name.replace(/[_-]/g, ' ');
}
