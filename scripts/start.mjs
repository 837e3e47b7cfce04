// Builds the relay's command line and serves every route on this machine. Needs Go and Node, nothing installed by npm.
//
//   npm start -- --addr 127.0.0.1:8080
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process, { argv, env, platform, stdin } from 'node:process';
import { go, root } from './go.mjs';

const binary = join(root, '.build', platform === 'win32' ? 'relay.exe' : 'relay');
try {
  go(['build', '-trimpath', '-o', binary, './cmd/relay'], { CGO_ENABLED: '0' });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const relay = spawn(binary, ['serve', ...argv.slice(2)], { stdio: 'inherit' });

// The relay stops gracefully by itself, and this process must outlive it. A terminal sends Ctrl-C to both, and npm sends
// it to this process again. So signals from a terminal are not passed on, and others are passed on once.
const passed = new Set();
function passOn(signal) {
  if (passed.has(signal)) return;
  passed.add(signal);
  relay.kill(signal);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !stdin.isTTY) passOn(signal);
  });
}

// npm passes signals only to the shell between npm and this process, so this process watches that shell.
if (env.npm_lifecycle_event) {
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid !== shell) passOn('SIGTERM');
  }, 250);
}

relay.on('error', (error) => {
  console.error(`relay serve did not start: ${error.message}`);
  process.exit(1);
});
relay.on('exit', (code) => process.exit(code ?? 1));
