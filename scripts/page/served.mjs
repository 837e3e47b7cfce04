// Serves a relay with its page, and the sample in a new watchlist.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { go, root } from '../go.mjs';
import { secretKey } from '../packaging.mjs';

/** Returns the URL of the page, with its token, and a function that stops the relay. */
export async function servePage() {
  const binary = join(root, '.build', 'page-test', 'relay');
  go(['build', '-trimpath', '-o', binary, './cmd/relay'], { CGO_ENABLED: '0' });
  const folder = mkdtempSync(join(tmpdir(), 'relay-page-'));
  const relay = spawn(binary, ['serve', '--addr', '127.0.0.1:0', '--token'], {
    env: { ...process.env, SECRET_KEY: secretKey, RELAY_PROVIDER: 'watchlist', WATCHLIST_FILE: join(folder, 'watchlist.db'), LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(relay, 'exit');
  let output = '';
  const url = await new Promise((resolve, reject) => {
    relay.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const line = /^Open (\S+)$/m.exec(output);
      if (line && output.includes('Ctrl-C')) resolve(line[1]);
    });
    ended.then(() => reject(new Error(`relay serve ended: ${output}`)), reject);
  });
  const stop = async () => {
    relay.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}
