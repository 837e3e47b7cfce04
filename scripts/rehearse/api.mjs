// Asks a deployed relay as the platform does.
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';

/** A token with the claims, signed with the key by HS256. */
export function signToken(key, claims) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** A deployed HTTP API, by its host name. It is asked at the endpoint, or in AWS where that is undefined. */
export class Api {
  #host;
  #base;
  #transport;
  #agent;

  constructor(host, endpoint) {
    this.#host = host;
    this.#base = endpoint ?? `https://${host}`;
    this.#transport = new URL(this.#base).protocol === 'https:' ? https : http;
    this.#agent = new this.#transport.Agent({ keepAlive: true });
  }

  /** Sends a POST and returns the answer's status and its body, read as JSON. */
  ask(path, { token, body = '' } = {}) {
    const headers = { host: this.#host, 'content-type': 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    return new Promise((resolve, reject) => {
      const sent = this.#transport.request(new URL(path, this.#base), { method: 'POST', headers, agent: this.#agent });
      sent.on('error', reject);
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('error', reject);
        response.on('data', (part) => (text += part));
        response.on('end', () => {
          try {
            resolve({ status: response.statusCode, answer: JSON.parse(text) });
          } catch {
            reject(new Error(`POST ${path}: status ${response.statusCode}, and no JSON: ${text}`));
          }
        });
      });
      sent.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}

/** Questions that go on, several side by side, while something else is done. */
export class Traffic {
  /** Returns the token for a route. Change it to ask with other tokens. */
  tokenFor;
  #goesOn = true;
  #asked = 0;
  #failures = [];
  #askers;

  /** Asks the API's routes, a list of { path, body }, in turn. `flaw` says what is wrong with an answer, if anything. */
  constructor(api, tokenFor, routes, flaw) {
    this.tokenFor = tokenFor;
    this.#askers = routes.map(async (route) => {
      const { path, body } = route;
      while (this.#goesOn) {
        try {
          const wrong = flaw(await api.ask(path, { token: this.tokenFor(route), body }));
          if (wrong) this.#failures.push(`${path}: ${wrong}`);
        } catch (error) {
          this.#failures.push(`${path}: ${error.message}`);
        }
        this.#asked++;
        await wait(50);
      }
    });
  }

  /** Ends it. Returns how many questions were asked, and what went wrong. */
  async stop() {
    this.#goesOn = false;
    await Promise.all(this.#askers);
    return { asked: this.#asked, failures: this.#failures };
  }
}
