import type { RelayError } from '../model/protocol';
import { text } from '../model/text';

/** Errors of an answer. */
export function Errors({ of, from }: { of: RelayError[]; from?: string }) {
  if (of.length === 0) return null;
  return (
    <div class="errors" role="alert">
      {of.map((e, i) => (
        <p key={i} class={e.type === 'warning' ? 'warning' : 'failure'}>
          {from && <b>{text(from)}: </b>}
          {text(e.message)} <span class="quiet">({[text(e.type), text(e.code)].filter(Boolean).join(', ')})</span>
        </p>
      ))}
    </div>
  );
}
