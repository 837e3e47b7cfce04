// Saves investigations in the shape in which XDR saves its own, and reads them.
import { observableOf, type Result } from './findings';
import { empty, type Investigation, investigation } from './investigation';
import { keyOf, type Observable, type RelayError } from './protocol';
import { list, record, text } from './text';

export interface Snapshot {
  title: string;
  created: string;
  'search-txt': string;
  actions: Action[];
}

type Action =
  | { type: 'collect'; state: string; args: { text: string }; result: { data: Observable[] } }
  | { type: 'investigate'; state: string; args: { observable: Observable }; result: { data: ModuleResult[] } };

interface ModuleResult {
  module: string;
  module_instance_id: string;
  module_type_id: string;
  data?: unknown;
  errors?: RelayError[];
}

/** The pasted text is left out: it may be somebody's mail. */
export function save(i: Investigation): Snapshot {
  const search = i.observables.map(keyOf).join(' ');
  return {
    title: i.title || `Investigation of ${i.created.slice(0, 16).replace('T', ' ')}`,
    created: i.created,
    'search-txt': search,
    actions: [
      { type: 'collect', state: 'ok', args: { text: search }, result: { data: i.observables } },
      ...i.observables.map((observable): Action => ({
        type: 'investigate',
        state: 'ok',
        args: { observable },
        result: {
          data: (i.results.get(keyOf(observable)) ?? [])
            .filter((r) => !r.unsupported && !r.pending)
            .map((r) => ({ module: r.title, module_instance_id: r.module, module_type_id: r.module, data: r.data, ...(r.errors.length > 0 && { errors: r.errors }) })),
        },
      })),
    ],
  };
}

/** Reads a snapshot, ours or XDR's. Throws what is wrong with it. */
export function open(file: string): Investigation {
  let snapshot: Record<string, unknown>;
  try {
    snapshot = record(JSON.parse(file));
  } catch {
    throw new Error('The file is not JSON.');
  }
  const actions = list(snapshot['actions']).map(record);
  if (actions.length === 0) throw new Error('The file is no snapshot: it has no "actions".');
  const observables = new Map<string, Observable>();
  const results = new Map<string, Result[]>();
  const add = (value: unknown): Observable | undefined => {
    const o = observableOf(value);
    if (!o.type || !o.value) return undefined;
    observables.set(keyOf(o), o);
    return o;
  };
  for (const action of actions) {
    const data = list(record(action['result'])['data']);
    if (action['type'] === 'collect') data.forEach(add);
    if (action['type'] !== 'investigate') continue;
    const args = action['args'] ?? action['arg'];
    const o = add(record(args)['observable'] ?? action['observable'] ?? (Array.isArray(args) ? args[0] : args));
    if (!o) continue;
    const answers = data.map(record).map((r): Result => ({
      module: text(r['module_instance_id']) || text(r['module']),
      title: text(r['module']) || text(r['module_instance_id']) || 'module',
      data: r['data'] === undefined ? undefined : record(r['data']),
      errors: list(r['errors']).map(record).map((e) => ({ type: text(e['type']), code: text(e['code']), message: text(e['message']) })),
    }));
    results.set(keyOf(o), [...(results.get(keyOf(o)) ?? []), ...answers]);
  }
  if (observables.size === 0) throw new Error('The snapshot has no observables.');
  const all = [...observables.values()];
  return { ...empty(), title: text(snapshot['title']), created: text(snapshot['created'] ?? snapshot['timestamp']) || new Date().toISOString(), observables: all, results, text: text(snapshot['search-txt']), selected: keyOf(all[0]!), file: true };
}

const place = 'relay-investigation';

/** Keeps the investigation in this tab over a reload, as long as the browser has room for it. */
export function keep(): void {
  const i = investigation.value;
  try {
    sessionStorage.setItem(place, JSON.stringify({ ...save(i), title: i.title, text: i.text, selected: i.selected, file: i.file }));
  } catch {
    sessionStorage.removeItem(place); // too large
  }
}

export function restore(): void {
  const kept = sessionStorage.getItem(place);
  if (!kept) return;
  try {
    const more = record(JSON.parse(kept));
    investigation.set({ ...open(kept), text: text(more['text']), selected: text(more['selected']), file: more['file'] === true });
  } catch {
    sessionStorage.removeItem(place);
  }
}
