// Starts the relay as a user does, by npm.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './go.mjs';
import { secretKey } from './packaging.mjs';

// npm runs node through a shell. Whoever stops npm must not leave a relay behind.
test('npm start ends with npm', { skip: process.platform === 'win32' && 'no signals there', timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-start-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const npm = spawn('npm', ['start', '--', '--addr', '127.0.0.1:0'], {
    cwd: root,
    // Without these, the relay would keep a key and a watchlist in the user's data directory.
    env: { ...process.env, SECRET_KEY: secretKey, WATCHLIST_FILE: join(folder, 'watchlist.db') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => npm.kill());
  let output = '';
  npm.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    if (/Ctrl-C stops it/.test(output)) npm.kill('SIGTERM');
  });
  // The pipe closes when the last process that writes to it is gone: the relay is one of them.
  await once(npm, 'close');
  assert.match(output, /Ctrl-C stops it/);
});

test('npm start -- --watch builds and serves again', { skip: process.platform === 'win32' && 'no signals there', timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-watch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const npm = spawn('npm', ['start', '--', '--watch', '--addr', '127.0.0.1:0'], {
    cwd: root,
    env: { ...process.env, SECRET_KEY: secretKey, WATCHLIST_FILE: join(folder, 'watchlist.db') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  let starts = 0;
  let touching;
  t.after(() => {
    clearInterval(touching);
    npm.kill();
  });
  const touch = () => utimesSync(join(root, 'cmd', 'relay', 'main.go'), new Date(), new Date());
  npm.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    const now = output.split('Ctrl-C stops it').length - 1;
    if (now === starts) return;
    starts = now;
    if (starts === 1) touching = setInterval(touch, 1000); // the first may come before Node watches every folder
    if (starts === 2) npm.kill('SIGTERM');
  });
  await once(npm, 'close');
  assert.equal(starts, 2);
});
