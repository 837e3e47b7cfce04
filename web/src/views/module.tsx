import { useEffect, useState } from 'preact/hooks';
import { type Module, modules, supportedAPIs } from '../model/modules';
import type { Health, RelayError } from '../model/protocol';
import { call } from '../model/relay';
import { useStore } from '../model/store';
import { text, words } from '../model/text';
import { duration } from '../model/time';
import { inspect, token, tokenFor } from '../model/token';
import { Errors } from '../parts/errors';
import { Grid } from '../parts/grid';
import { JSONText } from '../parts/json';
import { Markdown } from '../parts/markdown';

/** The providers side by side: their health, what they declare, and what XDR makes of it. */
export function ModuleView() {
  const { all } = useStore(modules);
  return (
    <div class="modules padded">
      {all.map((m) => (
        <ModuleCard key={m.name} module={m} />
      ))}
    </div>
  );
}

function ModuleCard({ module: m }: { module: Module }) {
  const { version } = useStore(modules);
  const kind = m.module_type;
  return (
    <article class="card" aria-label={m.title}>
      <header>
        <h2>{text(m.title)}</h2>
        <span class="quiet">
          provider <code>{m.name}</code> at <code>{m.path || '/'}</code>, relay {version}
        </span>
      </header>
      <HealthOf module={m} />
      <Missing module={m} />
      <h3>It declares</h3>
      <p>
        {m.observable_types.map((t) => (
          <code key={t} class="tag">
            {t}
          </code>
        ))}
      </p>
      {m.credentials.length > 0 ? (
        <Grid title="Credentials in the token" visible columns={['Claim', 'Prompt', 'Required']} rows={m.credentials.map((c) => [<code>{c.name}</code>, c.prompt, c.optional ? 'no' : 'yes'])} />
      ) : (
        <p class="quiet">It needs no credentials.</p>
      )}
      {m.settings.length > 0 && <Grid title="Settings" visible columns={['Variable', 'Default', 'What it sets']} rows={m.settings.map((s) => [<code>{s.name}</code>, s.default && <code>{s.default}</code>, s.doc])} />}
      <h3>The protocol’s view</h3>
      <Grid
        title="Capabilities"
        visible
        columns={['Capability', 'What it is for']}
        rows={kind.capabilities.map((c) => [<code>{c.id}</code>, text(c.description)])}
      />
      <p>
        {supportedAPIs(m).map((api) => (
          <code key={api} class="tag">
            {`${m.path}/${api}`}
          </code>
        ))}
      </p>
      <details>
        <summary>The form that a person fills in</summary>
        <Preview module={m} />
      </details>
      <details>
        <summary>Module type as JSON</summary>
        <JSONText of={kind} title={`Module type of ${m.title}`} />
      </details>
    </article>
  );
}

/** Says which credentials the token lacks. */
function Missing({ module: m }: { module: Module }) {
  useStore(token);
  const claims = inspect(tokenFor(`${m.path}/`))?.claims ?? [];
  const lacking = m.credentials.filter((c) => !c.optional && !claims.includes(c.name));
  if (lacking.length === 0) return null;
  return (
    <p role="alert">
      The token lacks credentials that {text(m.title)} needs: <code>npm start -- {lacking.map((c) => `--claim ${c.name}=@FILE`).join(' ')}</code>
    </p>
  );
}

/** The module type roughly as XDR shows it. */
function Preview({ module: m }: { module: Module }) {
  const kind = m.module_type;
  return (
    <div class="preview">
      <h4>Add New {text(kind.title)} Integration</h4>
      <Markdown source={text(kind.description)} />
      <label>
        Integration Name
        <input value={text(kind.title)} disabled />
      </label>
      {kind.configuration_spec.map((f) => (
        <label key={f.key} title={f.tooltip}>
          {text(f.label)} {f.required ? '*' : ''}
          <input disabled placeholder={text(f.tooltip)} />
        </label>
      ))}
      <h4>Tips</h4>
      <Markdown source={text(kind.tips)} />
    </div>
  );
}

function HealthOf({ module }: { module: Module }) {
  const [answer, setAnswer] = useState<{ data?: Health; errors: RelayError[]; ms: number } | undefined>();
  const [checks, setChecks] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    const started = performance.now();
    setAnswer(undefined);
    void call<Health>(`${module.path}/health`, undefined, control.signal).then(
      ({ data, errors = [] }) => setAnswer({ data, errors, ms: performance.now() - started }),
      () => undefined,
    );
    return () => control.abort();
  }, [module, checks]);
  const status = answer ? text(answer.data?.status) || 'error' : 'checking…';
  return (
    <section aria-label={`Health of ${module.title}`}>
      <div class="bar">
        <span role="status">
          Health: <b class={`health ${status === 'ok' ? 'clean' : answer ? 'malicious' : 'none'}`}>{status}</b> {answer && <span class="quiet">{duration(answer.ms)}</span>}
        </span>
        <button type="button" onClick={() => setChecks(checks + 1)}>
          Check again
        </button>
      </div>
      {answer && <Errors of={answer.errors} />}
      {Object.entries(answer?.data?.quotas ?? {}).map(([name, q]) => (
        <p key={name}>
          <label>
            {words(text(name))} quota: {q.remaining.toLocaleString('en')} of {q.limit.toLocaleString('en')} left <meter min={0} max={q.limit || 1} value={q.remaining} low={q.limit / 10} />
          </label>
        </p>
      ))}
    </section>
  );
}
