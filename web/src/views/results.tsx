import { useMemo, useState } from 'preact/hooks';
import type { Disposition } from '../model/disposition';
import { decider, decisive, position, type Result, verdicts } from '../model/findings';
import { investigation } from '../model/investigation';
import { keyOf, type Observable } from '../model/protocol';
import { useStore } from '../model/store';
import { plural, text, words } from '../model/text';
import { Badge } from '../parts/badge';
import { Grid } from '../parts/grid';
import { memo } from '../parts/memo';
import { Value } from '../parts/value';
import { Detail } from './detail';
import { GraphView } from './graph';

interface Row {
  key: string;
  observable: Observable;
  results: Result[];
  disposition: Disposition;
  by: string;
}

const modes = { list: 'Details', table: 'Table', graph: 'Graph' } as const;

/** The answers: a list with details, a table of everything, or a graph. */
export function Results() {
  const now = useStore(investigation);
  const [mode, setMode] = useState<keyof typeof modes>('list');
  const rows = useMemo(() => rowsOf(), [now.version, now.observables]);
  const counts = new Map<Disposition, number>();
  for (const r of rows) counts.set(r.disposition, (counts.get(r.disposition) ?? 0) + 1);
  const selected = rows.find((r) => r.key === now.selected) ?? rows[0];
  return (
    <section aria-label="Results" class="results">
      <div class="bar">
        <div class="tabs" role="group" aria-label="Show as">
          {Object.entries(modes).map(([id, title]) => (
            <button key={id} type="button" aria-pressed={mode === id} onClick={() => setMode(id as keyof typeof modes)}>
              {title}
            </button>
          ))}
        </div>
        <span class="counts">
          {[...counts].map(([d, n]) => (
            <span key={d}>
              {n} <Badge of={d} />
            </span>
          ))}
        </span>
      </div>
      {mode === 'list' && (
        <div class="split">
          <List rows={rows} selected={selected?.key ?? ''} />
          {selected && <Detail key={selected.key} observable={selected.observable} results={selected.results} disposition={selected.disposition} />}
        </div>
      )}
      {mode === 'table' && <Table rows={rows} />}
      {mode === 'graph' && <GraphView />}
    </section>
  );
}

function rowsOf(): Row[] {
  const { observables, results } = investigation.value;
  const rows = observables.flatMap((observable): Row[] => {
    const key = keyOf(observable);
    const answers = results.get(key);
    if (!answers) return [];
    const verdict = decisive(verdicts(observable, answers));
    return [{ key, observable, results: answers, disposition: verdict?.disposition ?? 'none', by: verdict ? decider(verdict) : '' }];
  });
  return rows.sort((a, b) => position(a.disposition) - position(b.disposition));
}

/** One line for each observable. The arrow keys move through it. */
function List({ rows, selected }: { rows: Row[]; selected: string }) {
  const move = (e: KeyboardEvent) => {
    const from = (e.target as HTMLElement).closest('li');
    const to = { ArrowDown: from?.nextElementSibling, ArrowUp: from?.previousElementSibling, Home: from?.parentElement?.firstElementChild, End: from?.parentElement?.lastElementChild }[e.key];
    const button = to?.querySelector('button');
    if (!button) return;
    e.preventDefault();
    button.focus();
    button.click();
  };
  return (
    <ul class="list" aria-label={plural(rows.length, 'observable')} onKeyDown={move}>
      {rows.map((row) => (
        <Line key={row.key} row={row} selected={row.key === selected} />
      ))}
    </ul>
  );
}

const Line = memo(
  function Line({ row, selected }: { row: Row; selected: boolean }) {
    const pending = row.results.some((r) => r.pending);
    const failed = row.results.some((r) => r.errors.length > 0);
    const unsupported = row.results.every((r) => r.unsupported);
    return (
      <li>
        <button type="button" class={`line ${row.disposition}`} aria-pressed={selected} onClick={() => investigation.change({ selected: row.key })}>
          <bdi class="mono">{text(row.observable.value)}</bdi>
          <span class="quiet">
            {[
              words(text(row.observable.type)),
              unsupported ? 'type not supported' : row.disposition !== 'none' ? row.disposition : !pending && !failed && 'no verdict',
              pending && 'asking…',
              failed && 'error',
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </button>
      </li>
    );
  },
  (a, b) => a.selected === b.selected && a.row.results === b.row.results,
);

function Table({ rows }: { rows: Row[] }) {
  const count = (r: Row, kind: string) => r.results.reduce((sum, { data }) => sum + Number((data?.[kind] as { count?: number } | undefined)?.count ?? 0), 0) || '';
  return (
    <Grid
      title="All observables"
      columns={['Observable', 'Verdict', 'Decided by', 'Judgements', 'Sightings', 'Indicators', 'Errors']}
      rows={rows.map((r) => [
        <Value of={r.observable} disposition={r.disposition} />,
        r.results.some((x) => x.pending) ? 'asking…' : <Badge of={r.disposition} />,
        <bdi>{r.by}</bdi>,
        count(r, 'judgements'),
        count(r, 'sightings'),
        count(r, 'indicators'),
        r.results.flatMap((x) => x.errors).map((e) => text(e.message)).join(' '),
      ])}
    />
  );
}
