import type { Entity } from './protocol';
import { number, text } from './text';

/** The dispositions of CTIM by their number. 0 is none. */
export const dispositions = ['none', 'clean', 'malicious', 'suspicious', 'common', 'unknown'] as const;
export type Disposition = (typeof dispositions)[number];

export function disposition(entity: Entity): Disposition {
  return dispositions[number(entity['disposition'])] ?? 'none';
}

/** The order in which people want to see them: the worst first. */
export const worstFirst: Disposition[] = ['malicious', 'suspicious', 'unknown', 'common', 'clean', 'none'];

/** The disposition that a label of a tile names, to colour it. */
export function named(label: unknown): Disposition | undefined {
  const word = text(label).toLowerCase();
  const other: Record<string, Disposition> = { untrusted: 'malicious', questionable: 'suspicious', neutral: 'unknown', favorable: 'common', trusted: 'clean' };
  return other[word] ?? worstFirst.find((d) => d !== 'none' && d === word);
}

/** The disposition that the name of one of the platform's icons suggests. */
export function suggested(icon: string): Disposition | undefined {
  if (/^(block|malware|malicious|critical|umbrella)/.test(icon)) return 'malicious';
  if (/^(warning|alert)/.test(icon)) return 'suspicious';
  return icon === 'clean' ? 'clean' : undefined;
}
