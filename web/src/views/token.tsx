import { useState } from 'preact/hooks';
import { useStore } from '../model/store';
import { text } from '../model/text';
import { inspect, setToken, token } from '../model/token';

/** Looks into a token. Names are shown, never the values of claims that may be credentials. Nothing is sent. */
export function TokenView() {
  const current = useStore(token);
  const [other, setOther] = useState('');
  const shown = other || current;
  const first = shown.split(',')[0]!;
  const parts = first ? inspect(first) : undefined;
  return (
    <details class="section">
      <summary>
        Token <span class="quiet">{other ? 'that was pasted' : `of this page${current.includes(',') ? ', the first' : ''}`}</span>
      </summary>
      <div class="bar">
        <label for="other">Look into another token</label>
        <input id="other" type="password" autocomplete="off" value={other} onInput={(e) => setOther(e.currentTarget.value)} />
        <button type="button" disabled={!parts || !other} onClick={() => (setToken(other), setOther(''))}>
          Use it for this page
        </button>
      </div>
      {shown && !parts && <p role="alert">This is not a JWT: three parts of base64, separated by dots.</p>}
      {parts && (
        <dl class="facts">
          {[...parts.header, ...parts.times, ...parts.bound].map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text(value)}</dd>
            </div>
          ))}
          <div>
            <dt>claims</dt>
            <dd>
              {parts.claims.map((c) => (
                <code key={c} class="tag">
                  {text(c)}
                </code>
              ))}
            </dd>
          </div>
        </dl>
      )}
    </details>
  );
}
