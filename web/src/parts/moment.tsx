import { text } from '../model/text';
import { when } from '../model/time';

/** A time of the protocol, in UTC. */
export function Moment({ of }: { of: unknown }) {
  return (
    <time class="moment" title={text(of)}>
      {when(of)}
    </time>
  );
}
