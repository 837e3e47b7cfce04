import type { Disposition } from '../model/disposition';
import { keyOf, type Observable } from '../model/protocol';
import { text, words } from '../model/text';
import { openPivot } from '../views/pivot';

/** An observable with the button of its pivot menu. */
export function Value({ of: o, disposition = 'none' }: { of: Observable; disposition?: Disposition }) {
  return (
    <span class="value">
      <button type="button" class={`pivot ${disposition}`} onClick={() => openPivot(o)} aria-label={`Pivot menu of ${text(o.value)}`} aria-haspopup="dialog" data-key={keyOf(o)}>
        ▾
      </button>
      <bdi class="mono">{text(o.value)}</bdi> <span class="quiet">{words(text(o.type))}</span>
    </span>
  );
}
