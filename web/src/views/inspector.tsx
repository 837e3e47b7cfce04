import { useEffect, useState } from 'preact/hooks';
import { asCurl, type Exchange, exchanges, send } from '../model/relay';
import { useStore } from '../model/store';
import { duration, size } from '../model/time';
import { copy } from '../parts/notice';
import { TokenView } from './token';

/** Each request of this page with its answer. They can be copied, edited and sent again. */
export function Inspector() {
  const all = useStore(exchanges);
  const [chosen, setChosen] = useState<number | undefined>();
  const shown = all.find((e) => e.id === chosen) ?? all[0];
  return (
    <div class="padded">
      <TokenView />
      <h2>Requests</h2>
      {all.length === 0 && <p class="quiet">None yet.</p>}
      <div class="split">
        <ul class="list" aria-label="Requests, the newest first">
          {all.map((e) => (
            <li key={e.id}>
              <button type="button" class={`line ${e.errors > 0 || e.status !== 200 ? 'malicious' : 'none'}`} aria-pressed={e.id === shown?.id} onClick={() => setChosen(e.id)}>
                <span class="mono">
                  {e.method} {e.path}
                </span>
                <span class="quiet">
                  {e.at.toLocaleTimeString('en-GB')} · {e.status || 'no answer'} · {duration(e.ms)} · {size(e.bytes)}
                  {e.errors > 0 && ` · ${e.errors} ${e.errors === 1 ? 'error' : 'errors'}`}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {shown && <ExchangeView key={shown.id} exchange={shown} sent={() => setChosen(undefined)} />}
      </div>
    </div>
  );
}

function ExchangeView({ exchange: e, sent }: { exchange: Exchange; sent: () => void }) {
  const [request, setRequest] = useState(() => indented(e.request));
  const [sending, setSending] = useState(false);
  useEffect(() => setRequest(indented(e.request)), [e.id]);
  return (
    <article class="detail" aria-label={`${e.method} ${e.path}`}>
      <header>
        <h3 class="mono">
          {e.method} {e.path}
        </h3>
        <span class="grow" />
        <button type="button" onClick={() => void copy(asCurl({ ...e, request: compact(request) }), 'Command')}>
          Copy as curl
        </button>
        <button
          type="button"
          class="main"
          disabled={sending}
          onClick={async () => {
            setSending(true);
            await send(e.method, e.path, compact(request));
            setSending(false);
            sent();
          }}
        >
          Send again
        </button>
      </header>
      <label for="request">Request body</label>
      <textarea id="request" class="mono" rows={Math.min(12, request.split('\n').length + 1)} spellcheck={false} value={request} onInput={(x) => setRequest(x.currentTarget.value)} />
      <h4>
        Answer <span class="quiet">{`HTTP ${e.status || '–'}, ${size(e.bytes)} in ${duration(e.ms)}`}</span>
      </h4>
      <pre class="json" tabIndex={0} role="region" aria-label="Answer">
        {indented(e.response)}
      </pre>
    </article>
  );
}

function indented(body: string): string {
  try {
    return body && JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body; // it is sent and shown as it is
  }
}

/** The body without the indentation. What isn't JSON is sent as it is, to see the error. */
function compact(body: string): string {
  try {
    return body.trim() && JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}
