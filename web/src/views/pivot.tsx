import { useEffect, useRef, useState } from 'preact/hooks';
import { decider, decisive, verdicts } from '../model/findings';
import { ask, changes, investigation, setObservables } from '../model/investigation';
import { type Module, modules, serves } from '../model/modules';
import { type Action, keyOf, type Link, type Observable, type RelayError } from '../model/protocol';
import { call } from '../model/relay';
import { Store, useStore } from '../model/store';
import { text, words } from '../model/text';
import { Badge } from '../parts/badge';
import { Dialog } from '../parts/dialog';
import { Errors } from '../parts/errors';
import { OutLink } from '../parts/link';
import { copy, notify } from '../parts/notice';

const opened = new Store<Observable | undefined>(undefined);

/** Opens the pivot menu of an observable. */
export function openPivot(o: Observable): void {
  opened.set(o);
}

/** The pivot menu: verdicts, links and actions of each module. */
export function Pivot() {
  const o = useStore(opened);
  return o ? <Menu key={keyOf(o)} observable={o} /> : null;
}

interface Offer {
  module: Module;
  links: Link[];
  actions: Action[];
  errors: RelayError[];
}

function Menu({ observable }: { observable: Observable }) {
  const { all } = useStore(modules);
  const now = useStore(investigation);
  const [offers, setOffers] = useState<Offer[] | undefined>();
  const [chosen, setChosen] = useState<{ module: Module; action: Action } | undefined>();
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    void load(all, observable, control.signal).then(setOffers, () => undefined);
    return () => control.abort();
  }, [observable, version, all]);
  const close = () => opened.set(undefined);
  const known = verdicts(observable, now.results.get(keyOf(observable)) ?? []);
  return (
    <Dialog title={`Pivot menu of ${text(observable.value)}`} close={close}>
      <header>
        <h2 class="mono">
          <bdi>{text(observable.value)}</bdi>
        </h2>
        <button type="button" class="plain" onClick={close} aria-label="Close">
          ×
        </button>
      </header>
      <p>
        <span class="quiet">{words(text(observable.type))}</span> <Badge of={decisive(known)?.disposition ?? 'none'} />
      </p>
      {known.map((v) => (
        <p key={v.module} class="quiet">
          <Badge of={v.disposition} /> <bdi>{decider(v)}</bdi>
        </p>
      ))}
      {chosen ? (
        <Confirm
          {...chosen}
          cancel={() => setChosen(undefined)}
          done={() => {
            setChosen(undefined);
            setVersion(version + 1);
            changes.set(changes.value + 1);
            if (now.results.has(keyOf(observable))) void ask([observable]);
          }}
        />
      ) : (
        <>
          <div class="bar">
            <button type="button" onClick={() => void copy(observable.value, 'Value')}>
              Copy value
            </button>
            {!now.observables.some((x) => keyOf(x) === keyOf(observable)) && (
              <button
                type="button"
                onClick={() => {
                  setObservables([...now.observables, observable], { selected: keyOf(observable) });
                  close();
                  void ask([observable]);
                }}
              >
                Investigate
              </button>
            )}
          </div>
          {!offers && all.length > 0 && <p role="status">Asking for links and actions…</p>}
          {offers?.map((offer) => (
            <OfferOf key={offer.module.name} {...offer} choose={(action) => setChosen({ module: offer.module, action })} />
          ))}
        </>
      )}
    </Dialog>
  );
}

async function load(all: Module[], o: Observable, signal: AbortSignal): Promise<Offer[]> {
  return Promise.all(
    all
      .filter((m) => m.observable_types.includes(o.type))
      .map(async (module) => {
        const get = <T,>(api: string) => (serves(module, api) ? call<T[]>(`${module.path}/${api}`, [o], signal) : Promise.resolve({ data: [] as T[], errors: undefined }));
        const [refer, respond] = await Promise.all([get<Link>('refer/observables'), get<Action>('respond/observables')]);
        return { module, links: refer.data ?? [], actions: respond.data ?? [], errors: [...(refer.errors ?? []), ...(respond.errors ?? [])] };
      }),
  );
}

function OfferOf({ module, links, actions, errors, choose }: Offer & { choose: (a: Action) => void }) {
  const category = (l: Link) => text(l.categories?.[0]) || 'Links';
  return (
    <section aria-label={module.title}>
      <h3>{text(module.title)}</h3>
      <Errors of={errors} />
      {actions.length > 0 && (
        <ul class="menu" aria-label="Actions">
          {actions.map((a) => (
            <li key={a.id}>
              <button type="button" onClick={() => choose(a)}>
                <bdi>{text(a.title)}</bdi>
              </button>
              <div class="quiet">
                <bdi>{text(a.description)}</bdi>
              </div>
            </li>
          ))}
        </ul>
      )}
      {[...new Set(links.map(category))].map((name) => (
        <div key={name}>
          <h4>
            <bdi>{name}</bdi>
          </h4>
          <ul class="menu" aria-label={name}>
            {links
              .filter((l) => category(l) === name)
              .map((l) => (
                <li key={l.id}>
                  <OutLink url={l.url}>
                    <bdi>{text(l.title)}</bdi>
                  </OutLink>
                  <div class="quiet">
                    <bdi>{text(l.description)}</bdi>
                  </div>
                </li>
              ))}
          </ul>
        </div>
      ))}
      {links.length + actions.length + errors.length === 0 && <p class="quiet">No links and no actions.</p>}
    </section>
  );
}

/** Asks once before an action runs. */
function Confirm({ module, action, cancel, done }: { module: Module; action: Action; cancel: () => void; done: () => void }) {
  const [running, setRunning] = useState(false);
  const [errors, setErrors] = useState<RelayError[]>([]);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const run = async () => {
    setRunning(true);
    const { data, errors: failed = [] } = await call<{ status: string }>(`${module.path}/respond/trigger`, { ...action['query-params'], 'action-id': action.id });
    setRunning(false);
    if (data?.status === 'success') {
      notify(`Done: ${text(action.title)}`);
      return done();
    }
    setErrors(failed.length > 0 ? failed : [{ type: 'fatal', code: 'unknown', message: 'The action failed.' }]);
  };
  return (
    <section aria-label="Run the action?">
      <h3>
        Run “<bdi>{text(action.title)}</bdi>”?
      </h3>
      <p>
        <bdi>{text(action.description)}</bdi>
      </p>
      <dl>
        {Object.entries(action['query-params'] ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{text(name)}</dt>
            <dd class="mono">
              <bdi>{text(value)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <Errors of={errors} from={module.title} />
      <div class="bar">
        <button type="button" class="main" disabled={running} ref={button} onClick={() => void run()}>
          {running ? 'Running…' : 'Run'}
        </button>
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      </div>
    </section>
  );
}
