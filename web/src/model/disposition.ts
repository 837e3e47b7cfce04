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

/** The disposition that a word of a tile means, to colour it. */
export function meantBy(word: unknown): Disposition | undefined {
  const name = text(word).toLowerCase();
  if (name === 'neutral') return 'unknown';
  return worstFirst.find((d) => d !== 'none' && name.startsWith(d)) ?? (/^(untrusted|high|critical|block|malware)/.test(name) ? 'malicious' : /^(questionable|medium|warning)/.test(name) ? 'suspicious' : undefined);
}
