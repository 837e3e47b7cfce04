// Stands in for third parties on this machine, with the golden cases of their providers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { go, root } from '../go.mjs';

/**
 * Starts stand-ins for the third parties of the providers. Resolves to
 *
 *   settings   by which the functions find them
 *   providers  a list of { name, claims, address }: the credentials that they expect, and an IP address that they know
 *   calls      the ids of the requests that they got, which grows
 *   stop       a function
 */
export async function startStandIns(names) {
  const program = join(root, '.build', 'standin');
  go(['build', '-o', program, './providers/internal/standin']);
  const child = spawn(program, names, { cwd: root, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(() => []);
  const lines = createInterface({ input: child.stdout });
  const [settings, providers, calls] = [{}, [], []];
  const ready = new Promise((resolve) => {
    lines.on('line', (line) => {
      const [, name, set] = /^ +RELAY_PROVIDER=(\S+) (.*) npm start/.exec(line) ?? [];
      if (name) {
        for (const [, variable, value] of set.matchAll(/(\w+)=(\S+)/g)) settings[variable] = value;
        providers.push({ name, claims: Object.fromEntries([...line.matchAll(/--claim '(\w+)=([^']*)'/g)].map(([, claim, value]) => [claim, value])) });
      }
      const [, address] = /--observable 'ip=([^']+)'/.exec(line) ?? [];
      if (address) providers.at(-1).address = address;
      if (address && providers.length === names.length) resolve(true);
      const [, id] = /^(?:GET|POST) .* id=(\S+)$/.exec(line) ?? [];
      if (id) calls.push(id);
    });
  });
  if ((await Promise.race([ready, ended])) !== true) throw new Error('The stand-ins for third parties ended.');
  return { settings, providers, calls, stop: () => child.kill() };
}
