// What is asked about, and what was answered.
import type { Result } from './findings';
import { type Module, modules, serves } from './modules';
import { type Findings, keyOf, type Observable, type RelayError } from './protocol';
import { call } from './relay';
import { Store } from './store';

export interface Investigation {
  title: string;
  created: string;
  /** The pasted text. It is kept in this tab only. */
  text: string;
  observables: Observable[];
  /** By the key of the observable. The map is changed in place; version rises then. */
  results: Map<string, Result[]>;
  version: number;
  selected: string;
  /** How many answers are missing. */
  waiting: number;
  /** It came from a file: nothing is asked for it. */
  file: boolean;
}

export function empty(): Investigation {
  return { title: '', created: new Date().toISOString(), text: '', observables: [], results: new Map(), version: 0, selected: '', waiting: 0, file: false };
}

export const investigation = new Store<Investigation>(empty());

/** Rises when an action may have changed what tiles show. */
export const changes = new Store<number>(0);

/** The observables in a text, found by the relay's own rules. */
export async function extract(text: string): Promise<{ observables: Observable[]; errors: RelayError[] }> {
  const { data, errors = [] } = await call<{ observables: Observable[] }>('/page/extract', { text });
  return { observables: data?.observables ?? [], errors };
}

/** Replaces the observables, and drops the answers about others. */
export function setObservables(observables: Observable[], part: Partial<Investigation> = {}): void {
  const unique = [...new Map(observables.map((o) => [keyOf(o), o])).values()];
  const results = new Map(unique.flatMap((o) => (investigation.value.results.has(keyOf(o)) ? [[keyOf(o), investigation.value.results.get(keyOf(o))!]] : [])));
  investigation.change({ ...part, observables: unique, results, version: investigation.value.version + 1 });
}

/** What is being asked now. */
const running = new Set<AbortController>();

/** How many requests are under way at a time. Browsers send no more to one server. */
const concurrency = 6;

/** Asks every module about the observables, each in its own request, as XDR does. */
export async function ask(observables: Observable[]): Promise<void> {
  const { results, waiting, selected } = investigation.value;
  const control = new AbortController();
  running.add(control);
  const tasks: (() => Promise<void>)[] = [];
  for (const o of observables) {
    const key = keyOf(o);
    const all: Result[] = modules.value.all.map((m) => ({ module: m.name, title: m.title, errors: [], ...(m.observable_types.includes(o.type) ? { pending: true } : { unsupported: true }) }));
    results.set(key, all);
    modules.value.all.forEach((m, i) => {
      if (!all[i]!.pending) return;
      tasks.push(async () => {
        const { data, errors = [] } = await call<Findings>(route(m), [o], control.signal);
        const now = [...(results.get(key) ?? all)];
        now[i] = { module: m.name, title: m.title, data, errors };
        results.set(key, now);
      });
    });
  }
  investigation.change({ waiting: waiting + tasks.length, file: false, selected: selected || (observables[0] ? keyOf(observables[0]) : ''), version: investigation.value.version + 1 });
  let answered = 0;
  const draw = () => {
    if (control.signal.aborted) return;
    investigation.change({ version: investigation.value.version + 1, waiting: investigation.value.waiting - answered });
    answered = 0;
  };
  const drawSoon = throttled(draw);
  const worker = async () => {
    for (let task = tasks.shift(); task && !control.signal.aborted; task = tasks.shift()) {
      await task();
      answered++;
      drawSoon();
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } catch (error) {
    if (!control.signal.aborted) throw error;
  }
  running.delete(control);
  draw();
}

/** Stops what is being asked. What was answered stays. */
export function stop(): void {
  if (running.size === 0) return;
  for (const control of running) control.abort();
  running.clear();
  const { results, version } = investigation.value;
  for (const [key, all] of results) {
    if (all.some((r) => r.pending)) results.set(key, all.map((r) => (r.pending ? { ...r, pending: false, errors: [{ type: 'warning', code: 'stopped', message: 'Stopped before there was an answer.' }] } : r)));
  }
  investigation.change({ waiting: 0, version: version + 1 });
}

function route(m: Module): string {
  return `${m.path}/${serves(m, 'observe/observables') ? 'observe' : 'deliberate'}/observables`;
}

/** Calls f at most every tenth of a second: a thousand answers must not draw the page a thousand times. */
function throttled(f: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      f();
    }, 100);
  };
}
