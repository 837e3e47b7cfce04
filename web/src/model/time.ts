import { text } from './text';

/** A time of the protocol as people read it, in UTC and to the minute. */
export function when(value: unknown): string {
  const time = new Date(text(value));
  if (Number.isNaN(time.getTime())) return '';
  if (time.getUTCFullYear() >= 2525) return 'no end';
  return time.toISOString().slice(0, 16).replace('T', ' ');
}

/** 12 ms, 1.4 s. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** 312 B, 4.1 KB. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
