import type { ComponentChildren } from 'preact';
import { type Disposition, disposition } from '../model/disposition';
import { decider, docs, observableOf, related, type Result, threats, verdicts } from '../model/findings';
import { ask } from '../model/investigation';
import type { Entity, Findings, Observable } from '../model/protocol';
import { list, number, record, text, words } from '../model/text';
import { Badge } from '../parts/badge';
import { Errors } from '../parts/errors';
import { Grid } from '../parts/grid';
import { JSONText } from '../parts/json';
import { OutLink } from '../parts/link';
import { Moment } from '../parts/moment';
import { Value } from '../parts/value';
import { openPivot } from './pivot';

/** All that the modules know about one observable. */
export function Detail({ observable, results, disposition: shown }: { observable: Observable; results: Result[]; disposition: Disposition }) {
  const all = verdicts(observable, results);
  const asked = results.filter((r) => !r.unsupported);
  return (
    <article class="detail" aria-label={`About ${text(observable.value)}`}>
      <header>
        <h2 class="mono">
          <bdi>{text(observable.value)}</bdi>
        </h2>
        <span class="quiet">{words(text(observable.type))}</span> <Badge of={shown} />
        <span class="grow" />
        <button type="button" onClick={() => openPivot(observable)} aria-haspopup="dialog">
          Links and actions ▾
        </button>
        <button type="button" onClick={() => void ask([observable])}>
          Ask again
        </button>
      </header>
      {results.length > 0 && asked.length === 0 && <p class="quiet">No module of this relay supports the type {words(text(observable.type))}.</p>}
      {asked.map((r) => (
        <Errors key={r.module} of={r.errors} from={r.title} />
      ))}
      {asked.some((r) => r.pending) && <p role="status">Waiting for {asked.filter((r) => r.pending).map((r) => r.title).join(', ')}…</p>}
      {all.length > 0 && (
        <Grid
          title="Verdicts"
          visible
          columns={['Module', 'Verdict', 'Decided by', 'Priority', 'Until']}
          rows={all.map((v) => [v.module, <Badge of={v.disposition} />, <bdi>{decider(v)}</bdi>, text(v.judgement?.['priority']), <Moment of={v.until} />])}
        />
      )}
      {asked.every((r) => Object.keys(r.data ?? {}).length === 0) && asked.some((r) => r.data && r.errors.length === 0) && <p class="quiet">Nothing is known about it.</p>}
      <Entities kind="judgements" title="Judgements" results={asked} columns={['Disposition', 'Reason', 'Source', 'Severity', 'Confidence', 'Start', 'End', 'TLP']} row={judgement} order={byStart('valid_time')} />
      <Entities kind="sightings" title="Sightings" results={asked} columns={['First seen', 'Title', 'Severity', 'Count', 'Source', 'Indicators', 'Observables', 'Targets']} row={sighting} order={byStart('observed_time')} />
      <Entities kind="indicators" title="Indicators" results={asked} columns={['Title', 'Producer', 'Source', 'Confidence', 'Severity', 'Tags', 'TLP']} row={indicator} />
      {threats.map(([kind, title]) => (
        <Entities key={kind} kind={kind} title={title} results={asked} columns={['Title', 'Description', 'Kind', 'Source']} row={threat} />
      ))}
      <Relations results={asked} />
      {asked
        .filter((r) => r.data && Object.keys(r.data).length > 0)
        .map((r) => (
          <details key={r.module}>
            <summary>Answer of {text(r.title)} as JSON</summary>
            <JSONText of={r.data} title={`Answer of ${r.title}`} />
          </details>
        ))}
    </article>
  );
}

type Row = (e: Entity, data: Findings | undefined) => ComponentChildren[];

interface Section {
  kind: string;
  title: string;
  results: Result[];
  columns: string[];
  row: Row;
  order?: (a: Entity, b: Entity) => number;
}

/** A section with the entities of a kind, of all modules. */
function Entities({ kind, title, results, columns, row, order }: Section) {
  const found = results.flatMap(({ data, title: module }) => docs(data, kind).map((e) => ({ e, data, module })));
  if (found.length === 0) return null;
  if (order) found.sort((a, b) => order(a.e, b.e));
  const several = new Set(results.map((r) => r.module)).size > 1;
  return (
    <details open class="section">
      <summary>
        {title} <span class="quiet">{found.length}</span>
      </summary>
      <Grid title={title} columns={[...(several ? ['Module'] : []), ...columns]} rows={found.map(({ e, data, module }) => [...(several ? [module] : []), ...row(e, data)])} />
    </details>
  );
}

const start = (e: Entity, field: string) => text(record(e[field])['start_time']);
const byStart = (field: string) => (a: Entity, b: Entity) => start(b, field).localeCompare(start(a, field));
const source = (e: Entity) => (
  <OutLink url={e['source_uri']}>
    <bdi>{text(e['source']) || (e['source_uri'] ? 'source' : '')}</bdi>
  </OutLink>
);

const judgement: Row = (e) => [
  <Badge of={disposition(e)} />,
  <OutLink url={e['reason_uri']}>
    <bdi>{text(e['reason'])}</bdi>
  </OutLink>,
  source(e),
  text(e['severity']),
  text(e['confidence']),
  <Moment of={start(e, 'valid_time')} />,
  <Moment of={record(e['valid_time'])['end_time']} />,
  text(e['tlp']),
];

/** How many values are shown in one cell. */
const most = 12;

function Values({ of }: { of: unknown[] }) {
  return (
    <>
      {of.slice(0, most).map((o, i) => (
        <div key={i}>
          <Value of={observableOf(o)} />
        </div>
      ))}
      {of.length > most && <div class="quiet">and {of.length - most} more</div>}
    </>
  );
}

const titled = (e: Entity, name: unknown = e['title']) => (
  <>
    <bdi>{text(name)}</bdi>
    {text(e['short_description'] ?? e['description']) && (
      <div class="quiet">
        <bdi>{text(e['short_description'] ?? e['description'])}</bdi>
      </div>
    )}
  </>
);

const sighting: Row = (e, data) => [
  <Moment of={start(e, 'observed_time')} />,
  titled(e),
  text(e['severity']),
  number(e['count']) || '',
  source(e),
  related(data, e, ['indicators']).map((i) => (
    <div key={text(i['id'])}>
      <bdi>{text(i['title']) || 'indicator'}</bdi>
    </div>
  )),
  <Values of={list(e['observables'])} />,
  <Values of={list(e['targets']).flatMap((t) => list(record(t)['observables']))} />,
];

const indicator: Row = (e) => [titled(e), <bdi>{text(e['producer'])}</bdi>, source(e), text(e['confidence']), text(e['severity']), <bdi>{list(e['tags']).map(text).join(', ')}</bdi>, text(e['tlp'])];

const threat: Row = (e) => [
  <bdi>{text(e['title'])}</bdi>,
  <bdi>{text(e['short_description'] ?? e['description'])}</bdi>,
  <bdi>{[...list(e['labels']), ...list(e['actor_types']), ...list(e['kill_chain_phases']).map((p) => record(p)['phase_name'])].map(text).join(', ')}</bdi>,
  source(e),
];

/** Relations between observables that sightings report. */
function Relations({ results }: { results: Result[] }) {
  const found = results.flatMap(({ data }) => docs(data, 'sightings').flatMap((s) => list(s['relations']).map(record)));
  const unique = [...new Map(found.map((r) => [JSON.stringify([r['source'], r['relation'], r['related']]), r])).values()];
  if (unique.length === 0) return null;
  return (
    <details open class="section">
      <summary>
        Relations <span class="quiet">{unique.length}</span>
      </summary>
      <Grid
        title="Relations"
        columns={['Source', 'Relation', 'Related', 'Origin']}
        rows={unique.map((r) => [
          <Value of={observableOf(r['source'])} />,
          words(text(r['relation'])),
          <Value of={observableOf(r['related'])} />,
          <OutLink url={r['origin_uri']}>{text(r['origin'])}</OutLink>,
        ])}
      />
    </details>
  );
}
