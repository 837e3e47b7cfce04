// Reads what modules answered about observables.
import { type Disposition, disposition, worstFirst } from './disposition';
import { type Entity, type Findings, keyOf, type Observable, type RelayError } from './protocol';
import { list, number, record, text } from './text';

/** A module's answer about one observable. */
export interface Result {
  module: string;
  title: string;
  /** Without data there is no answer yet, or none at all: then there are errors. */
  data?: Findings;
  errors: RelayError[];
  pending?: boolean;
  /** The module doesn't know the observable's type. */
  unsupported?: boolean;
}

/** The entities of a kind, such as "judgements". */
export function docs(data: Findings | undefined, kind: string): Entity[] {
  return list(record(data?.[kind])['docs']).filter((e): e is Entity => e !== null && typeof e === 'object');
}

export function observableOf(value: unknown): Observable {
  const o = record(value);
  return { type: text(o['type']), value: typeof o['value'] === 'string' ? o['value'] : '' };
}

export function sameObservable(value: unknown, o: Observable): boolean {
  const other = observableOf(value);
  return other.type === o.type && other.value === o.value;
}

/** A verdict, with the judgement that decided it. */
export interface Verdict {
  module: string;
  disposition: Disposition;
  until: unknown;
  judgement?: Entity;
}

/** Each module's verdict on an observable. */
export function verdicts(o: Observable, results: Result[]): Verdict[] {
  return results.flatMap(({ title, data }) =>
    docs(data, 'verdicts')
      .filter((v) => sameObservable(v['observable'], o))
      .map((v) => ({
        module: title,
        disposition: disposition(v),
        until: record(v['valid_time'])['end_time'],
        judgement: docs(data, 'judgements').find((j) => j['id'] === v['judgement_id']),
      })),
  );
}

/** The verdict that counts among the modules': the highest priority, and then CTIM's order. */
export function decisive(all: Verdict[]): Verdict | undefined {
  const rank = (v: Verdict) => [-number(v.judgement?.['priority']), ['clean', 'malicious', 'suspicious', 'common', 'unknown', 'none'].indexOf(v.disposition)] as const;
  return [...all].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])[0];
}

/** The position of an observable in the list. */
export function position(d: Disposition): number {
  return worstFirst.indexOf(d);
}

/** Who decided, for people. */
export function decider(v: Verdict): string {
  const reason = text(v.judgement?.['reason']);
  const source = text(v.judgement?.['source']);
  return [source && source !== v.module ? `${v.module}: ${source}` : v.module, reason].filter(Boolean).join(', ');
}

/** The kinds of threat entities, with their titles. */
export const threats: [kind: string, title: string][] = [
  ['malwares', 'Malware'],
  ['actors', 'Actors'],
  ['attack_patterns', 'Techniques'],
  ['tools', 'Tools'],
  ['campaigns', 'Campaigns'],
  ['vulnerabilities', 'Vulnerabilities'],
];

/** The entities that a relationship leads to, such as a sighting's indicators. */
export function related(data: Findings | undefined, source: Entity, kinds: string[]): Entity[] {
  const targets = new Set(docs(data, 'relationships').filter((r) => r['source_ref'] === source['id']).map((r) => r['target_ref']));
  return kinds.flatMap((kind) => docs(data, kind)).filter((e) => targets.has(e['id']));
}

export { keyOf };
