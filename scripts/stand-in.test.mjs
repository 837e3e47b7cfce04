// Checks that the stand-in answers what was recorded, below the path that the third party's URL begins with too.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { test } from 'node:test';
import { root } from './go.mjs';

test('the stand-in answers what was recorded', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'third-party.json');
  writeFileSync(file, JSON.stringify([
    { request: 'GET https://api.acme.example/v1/lookup?value=a%2Fb', body: { score: 87 } },
    { request: 'POST https://api.acme.example/v1/token', sent: { query: 'one' }, body: { one: true } },
    { request: 'POST https://api.acme.example/v1/token', sent: 'query=two', status: 429, header: { 'Retry-After': '9' }, body: {} },
  ]));
  const standIn = spawn(execPath, [join(root, 'scripts', 'stand-in.mjs'), file], { env: { ...env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => standIn.kill());
  const [line] = await once(standIn.stdout, 'data');
  const home = /http:\S+/.exec(line)[0];

  for (const path of ['/v1/lookup?value=a%2Fb', '/lookup?value=a%2Fb']) {
    const response = await fetch(home + path);
    assert.deepEqual([response.status, await response.json()], [200, { score: 87 }], path);
  }
  const one = await fetch(home + '/v1/token', { method: 'POST', body: '{"query": "one"}' });
  assert.deepEqual(await one.json(), { one: true });
  const limited = await fetch(home + '/v1/token', { method: 'POST', body: 'query=two' });
  assert.deepEqual([limited.status, limited.headers.get('Retry-After')], [429, '9']);
  for (const path of ['/v1/lookup?value=other', '/v1/token', '/']) assert.equal((await fetch(home + path)).status, 404, path);
});
