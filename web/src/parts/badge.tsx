import type { Disposition } from '../model/disposition';

/** A disposition as a word with its colour. */
export function Badge({ of }: { of: Disposition }) {
  return <span class={`badge ${of}`}>{of === 'none' ? 'no verdict' : of}</span>;
}
