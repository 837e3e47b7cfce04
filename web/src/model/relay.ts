// Asks the relay, and keeps each request with its answer for the inspector.
import type { Envelope } from './protocol';
import { Store } from './store';
import { tokenFor } from './token';

export interface Exchange {
  id: number;
  at: Date;
  method: string;
  path: string;
  request: string;
  /** 0 as long as there is no answer. */
  status: number;
  response: string;
  ms: number;
  bytes: number;
  /** How many errors the answer has. */
  errors: number;
}

/** The newest first. */
export const exchanges = new Store<Exchange[]>([]);

/** How many exchanges are kept, and how many characters of each answer. */
const kept = 300;
const keptText = 400_000;

/** Why the token is refused, by the page's own routes: they need no credentials in it. Empty if it is accepted. */
export const refused = new Store<string>('');

let last = 0;

/** Sends a request. An answer that is no envelope, and none at all, are errors in one. */
export async function call<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<Envelope<T>> {
  return send<T>('POST', path, body === undefined ? '' : JSON.stringify(body), signal);
}

export async function send<T>(method: string, path: string, request: string, signal?: AbortSignal): Promise<Envelope<T>> {
  const exchange: Exchange = { id: ++last, at: new Date(), method, path, request, status: 0, response: '', ms: 0, bytes: 0, errors: 0 };
  const started = performance.now();
  let envelope: Envelope<T>;
  try {
    const response = await fetch(path, {
      method,
      headers: { Authorization: `Bearer ${tokenFor(path)}`, ...(request && { 'Content-Type': 'application/json' }) },
      body: request || undefined,
      signal,
      redirect: 'error',
    });
    const body = await response.text();
    exchange.status = response.status;
    exchange.bytes = new TextEncoder().encode(body).length;
    exchange.response = body.length > keptText ? `${body.slice(0, keptText)}…` : body;
    envelope = read<T>(response.status, body);
  } catch (error) {
    if (signal?.aborted) throw error;
    envelope = failed('connection error', 'The relay does not answer. Is npm start still running?');
  }
  exchange.ms = performance.now() - started;
  exchange.errors = envelope.errors?.length ?? 0;
  exchanges.set([exchange, ...exchanges.value.slice(0, kept - 1)]);
  if (path.startsWith('/page/') && exchange.status) {
    const message = envelope.errors?.find((e) => e.code === 'authorization error')?.message ?? '';
    if (message !== refused.value) refused.set(message);
  }
  return envelope;
}

function read<T>(status: number, body: string): Envelope<T> {
  try {
    const value: unknown = JSON.parse(body);
    if (value !== null && typeof value === 'object' && ('data' in value || 'errors' in value)) return value as Envelope<T>;
    if (status === 200) return { data: value as T };
  } catch {
    // it is described below
  }
  return failed('unknown', `The relay answered with HTTP status ${status} and not with the protocol's JSON.`);
}

function failed<T>(code: string, message: string): Envelope<T> {
  return { errors: [{ type: 'fatal', code, message }] };
}

/** The exchange as a command for a shell. The token is a variable, so that it gets into no history. */
export function asCurl(e: Exchange): string {
  const quoted = (s: string) => `'${s.replace(/'/g, `'\\''`)}'`;
  const lines = [`curl -s -X ${e.method} ${quoted(location.origin + e.path)}`, `-H "Authorization: Bearer $TOKEN"`];
  if (e.request) lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(e.request)}`);
  return lines.join(' \\\n  ');
}
