import { useEffect, useRef, useState } from 'preact/hooks';
import { extract } from '../model/investigation';
import { keyOf, type Observable } from '../model/protocol';
import { plural, text, words } from '../model/text';
import { memo } from '../parts/memo';

interface Props {
  observables: Observable[];
  /** Whether they are shown at first. */
  open: boolean;
  add: (o: Observable[]) => void;
  replace: (old: Observable, by: Observable[]) => void;
}

/** The observables by type. Each can be edited and removed. */
export const Chips = memo(ChipBox, (a, b) => a.observables === b.observables && a.open === b.open);

function ChipBox({ observables, open, add, replace }: Props) {
  if (observables.length === 0) return null;
  const types = [...new Set(observables.map((o) => o.type))];
  return (
    <details class="chips" open={open}>
      <summary>
        {plural(observables.length, 'observable')} <span class="quiet">{types.map((t) => `${observables.filter((o) => o.type === t).length} ${words(text(t))}`).join(', ')}</span>
      </summary>
      <div class="chip-box">
        {types.map((type) => (
          <div key={type} class="chip-row" role="group" aria-label={words(text(type))}>
            <span class="chip-type">{words(text(type))}</span>
            {observables
              .filter((o) => o.type === type)
              .map((o) => (
                <Chip key={keyOf(o)} observable={o} replace={(by) => replace(o, by)} />
              ))}
          </div>
        ))}
        <Field label="Add" start="" done={(found) => found && add(found)} />
      </div>
    </details>
  );
}

function Chip({ observable, replace }: { observable: Observable; replace: (by: Observable[]) => void }) {
  const [editing, setEditing] = useState(false);
  const value = text(observable.value);
  if (editing) {
    return (
      <Field
        label={`Edit ${value}`}
        start={keyOf(observable)}
        focus
        done={(found) => {
          setEditing(false);
          if (found) replace(found);
        }}
      />
    );
  }
  return (
    <span class="chip">
      <button type="button" class="mono" onClick={() => setEditing(true)} onKeyDown={(e) => e.key === 'Delete' && replace([])} aria-label={`Edit ${value}`}>
        <bdi>{value}</bdi>
      </button>
      <button type="button" onClick={() => replace([])} aria-label={`Remove ${value}`}>
        ×
      </button>
    </span>
  );
}

/** A field for observables as text or as type:"value". Enter takes them, Escape gives up. */
function Field({ label, start, focus, done }: { label: string; start: string; focus?: boolean; done: (found?: Observable[]) => void }) {
  const [typed, setTyped] = useState(start);
  const [wrong, setWrong] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) box.current?.focus();
  }, []);
  return (
    <form
      class="chip-field"
      onSubmit={async (e) => {
        e.preventDefault();
        const { observables } = await extract(typed);
        setWrong(observables.length === 0);
        if (observables.length === 0) return;
        setTyped(start);
        done(observables);
      }}
    >
      <input
        class="mono"
        aria-label={label}
        placeholder={'add: value or type:"value"'}
        value={typed}
        ref={box}
        aria-invalid={wrong}
        onInput={(e) => (setTyped(e.currentTarget.value), setWrong(false))}
        onKeyDown={(e) => e.key === 'Escape' && (setTyped(start), done())}
      />
      {wrong && <span role="alert">not an observable</span>}
    </form>
  );
}
