import { useEffect, useState } from 'preact/hooks';
import { modules } from '../model/modules';
import { refused } from '../model/relay';
import { useStore } from '../model/store';
import { setToken, token } from '../model/token';
import { Errors } from '../parts/errors';
import { Notice } from '../parts/notice';
import { next, show, theme } from '../parts/theme';
import { Inspector } from './inspector';
import { Investigate } from './investigate';
import { ModuleView } from './module';
import { Pivot } from './pivot';
import { Tiles } from './tiles';

const views = { investigate: ['Investigate', Investigate], tiles: ['Tiles', Tiles], module: ['Module', ModuleView], inspector: ['Inspector', Inspector] } as const;
type View = keyof typeof views;

function current(): View {
  const name = location.hash.slice(1);
  return name in views ? (name as View) : 'investigate';
}

/** The frame around all views. */
export function Page() {
  const [view, setView] = useState(current);
  const { version, all } = useStore(modules);
  const { name } = useStore(theme);
  useEffect(() => {
    const follow = () => {
      setView(current());
      document.getElementById('main')?.focus();
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const [title, Shown] = views[view];
  useEffect(() => {
    document.title = `${title} · Relay`;
  }, [title]);
  return (
    <>
      <header class="top">
        <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById('main')?.focus())}>
          Skip to the content
        </a>
        <img src="icon.svg" alt="" width="20" height="20" />
        <nav aria-label="Views">
          {Object.entries(views).map(([id, [label]]) => (
            <a key={id} href={`#${id}`} aria-current={id === view ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <span class="grow" />
        <span class="quiet">
          {all.map((m) => m.title).join(', ')} {version && `· relay ${version}`}
        </span>
        <button type="button" class="plain" onClick={() => show(next(name))} aria-label={`Colours: ${name}. Change`}>
          ◐ {name}
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <h1 class="hidden">{title}</h1>
        <TokenNeeded />
        <Shown />
      </main>
      <Pivot />
      <Notice />
    </>
  );
}

/** Asks for a token if there is none that the relay accepts. */
function TokenNeeded() {
  const message = useStore(refused);
  const has = useStore(token) !== '';
  const [typed, setTyped] = useState('');
  const { all, loaded, errors } = useStore(modules);
  if (has && !message) return loaded && all.length === 0 ? <Errors of={errors} /> : null;
  return (
    <form
      class="banner"
      onSubmit={(e) => {
        e.preventDefault();
        refused.set('');
        setToken(typed);
        setTyped('');
      }}
    >
      <label for="token">
        {has ? `The relay refuses the token: ${message}. ` : 'The relay needs a token. '}
        Start it with <code>npm start -- --token</code> and open the URL that it prints, or paste a token:
      </label>
      <input id="token" type="password" autocomplete="off" required value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
      <button type="submit">Use it</button>
      {all.flatMap((m) => m.credentials).some((c) => !c.optional) && (
        <p class="quiet">
          A token contains the credentials: <code>npm start -- {all.flatMap((m) => m.credentials).filter((c) => !c.optional).map((c) => `--claim ${c.name}=@FILE`).join(' ')}</code>
        </p>
      )}
    </form>
  );
}
