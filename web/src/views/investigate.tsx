import { useRef, useState } from 'preact/hooks';
import { ask, empty, extract, investigation, setObservables, stop } from '../model/investigation';
import { keyOf, type Observable, type RelayError } from '../model/protocol';
import { open, save } from '../model/snapshot';
import { useStore } from '../model/store';
import { plural, text } from '../model/text';
import { Errors } from '../parts/errors';
import { notify } from '../parts/notice';
import { Chips } from './chips';
import { Results } from './results';

/** Paste text, see its observables, ask. */
export function Investigate() {
  const now = useStore(investigation);
  const [errors, setErrors] = useState<RelayError[]>([]);
  const [searched, setSearched] = useState(now.text);
  const file = useRef<HTMLInputElement>(null);

  const find = async (from: string): Promise<Observable[]> => {
    const found = await extract(from);
    setErrors(found.errors);
    if (found.errors.length > 0) return [];
    setSearched(from);
    setObservables(found.observables, { text: from, file: false });
    if (found.observables.length === 0) notify('No observables were found');
    return found.observables;
  };
  const askAll = async () => {
    const observables = now.text !== searched || now.observables.length === 0 ? await find(now.text) : now.observables;
    stop();
    if (observables.length > 0) await ask(observables);
  };
  const load = (content: string, name: string) => {
    try {
      stop();
      const opened = open(content);
      investigation.set(opened);
      setSearched(opened.text);
      setErrors([]);
      notify(`Opened ${plural(opened.observables.length, 'observable')}`);
    } catch (error) {
      setErrors([{ type: 'fatal', code: name, message: (error as Error).message }]);
    }
  };
  const download = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(save(now), null, 2)], { type: 'application/json' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: `investigation-${now.created.slice(0, 10)}.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  return (
    <>
      <section class="ask" aria-label="Ask">
        <label for="text" class="hidden">
          Text with observables
        </label>
        <textarea
          id="text"
          rows={now.observables.length > 0 ? 2 : 7}
          spellcheck={false}
          placeholder={'Paste any text: a mail, a report, a log. Defanged is fine: evil[.]example, hxxps://…, ip:"192.0.2.1"'}
          value={now.text}
          onInput={(e) => investigation.change({ text: e.currentTarget.value })}
          onPaste={(e) => {
            const box = e.currentTarget;
            setTimeout(() => void find(box.value));
          }}
          onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && (e.preventDefault(), void askAll())}
        />
        <div class="bar">
          <button type="button" class="main" onClick={() => void askAll()} disabled={!now.text.trim() && now.observables.length === 0} title="Ctrl+Enter">
            Ask
          </button>
          <button type="button" onClick={() => void find(now.text)} disabled={!now.text.trim()}>
            Find observables
          </button>
          {now.waiting > 0 && (
            <button type="button" onClick={stop}>
              Stop
            </button>
          )}
          <span role="status" class="quiet">
            {now.waiting > 0 ? `Waiting for ${plural(now.waiting, 'answer')}…` : now.file ? `Snapshot: ${text(now.title)}` : ''}
          </span>
          <span class="grow" />
          <button type="button" onClick={() => file.current?.click()}>
            Open…
          </button>
          <input
            ref={file}
            type="file"
            accept=".json,application/json"
            hidden
            aria-label="Snapshot"
            onChange={async (e) => {
              const [chosen] = e.currentTarget.files ?? [];
              if (chosen) load(await chosen.text(), chosen.name);
              if (file.current) file.current.value = ''; // the same file may be opened again
            }}
          />
          <button type="button" onClick={async () => load(await (await fetch('sample.json')).text(), 'sample.json')}>
            Sample
          </button>
          <button type="button" onClick={download} disabled={now.observables.length === 0}>
            Save
          </button>
          <button
            type="button"
            onClick={() => {
              stop();
              investigation.set(empty());
              setSearched('');
              setErrors([]);
              document.getElementById('text')?.focus();
            }}
            disabled={now.observables.length === 0 && !now.text}
          >
            Clear
          </button>
        </div>
        <Errors of={errors} />
        <Chips
          observables={now.observables}
          open={now.results.size === 0 && now.observables.length <= 200}
          add={(o) => setObservables([...now.observables, ...o])}
          replace={(old, by) => setObservables(now.observables.flatMap((o) => (keyOf(o) === keyOf(old) ? by : [o])))}
        />
      </section>
      {now.results.size > 0 && <Results />}
      {now.observables.length === 0 && <p class="quiet padded">The relay finds the observables in the text. Each provider is asked about each of them, and nothing else is sent. The button Sample opens an example.</p>}
    </>
  );
}
