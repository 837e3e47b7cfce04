// The tokens with which the page asks the relay, separated by commas. They come in the URL's fragment, which browsers send
// to nobody, and are kept for as long as the tab is open.
import { Store } from './store';

const place = 'relay-token';

function arrived(): string {
  const found = /^#token=([\w.,-]+)$/.exec(location.hash);
  if (!found) return sessionStorage.getItem(place) ?? '';
  history.replaceState(null, '', location.pathname); // out of the address bar and the history
  sessionStorage.setItem(place, found[1]!);
  return found[1]!;
}

export const token = new Store<string>(arrived());

export function setToken(text: string): void {
  const value = bare(text);
  sessionStorage.setItem(place, value);
  token.set(value);
}

/** Each module has a token that names it. Without one, the first is sent. */
export function tokenFor(path: string): string {
  const all = token.value.split(',');
  const module = path.split('/')[1];
  return all.find((t) => inspect(t)?.bound.some(([name, value]) => name === 'provider' && value === module)) ?? all[0]!;
}

/** A token without the header's name and the scheme, with which it is often copied. */
function bare(text: string): string {
  return text.trim().replace(/^authorization:\s*/i, '').replace(/^bearer\s+/i, '');
}

/** What is in a token, without any value that may be a credential. */
export interface TokenParts {
  header: [name: string, value: string][];
  times: [name: string, value: string][];
  bound: [name: string, value: string][];
  claims: string[];
}

/** Takes a token apart. Nothing is verified: only the relay can. */
export function inspect(encoded: string): TokenParts | undefined {
  const parts = bare(encoded).split('.');
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts.slice(0, 2).map(decode) as [Record<string, unknown>, Record<string, unknown>];
    const named = (from: Record<string, unknown>, names: Record<string, string>): [string, string][] =>
      Object.entries(names).flatMap(([name, title]) => (typeof from[name] === 'string' ? [[title, from[name] as string]] : []));
    const times = Object.entries({ iat: 'made', nbf: 'valid from', exp: 'expires' }).flatMap(([name, title]): [string, string][] => {
      const time = new Date(Number(claims[name]) * 1000);
      if (!(name in claims)) return name === 'exp' ? [[title, 'never']] : [];
      return [[title, Number.isNaN(time.getTime()) ? 'not a time' : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`]];
    });
    return {
      header: named(header, { alg: 'algorithm', kid: 'key id', typ: 'type' }),
      times,
      bound: named(claims, { relay_provider: 'provider', relay_stage: 'stage', aud: 'audience', 'https://schemas.cisco.com/iroh/identity/claims/org/id': 'organization', jwks_host: 'keys at' }),
      claims: Object.keys(claims).sort(),
    };
  } catch {
    return undefined;
  }
}

function decode(part: string): unknown {
  const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (value === null || typeof value !== 'object') throw new Error('not an object');
  return value;
}
