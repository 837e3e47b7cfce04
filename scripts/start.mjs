// Builds the relay's command line and serves every route on this machine. Needs Go and Node, nothing installed by npm.
//
//   npm start -- --addr 127.0.0.1:8080
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { argv, platform, stdin } from 'node:process';
import { go, root } from './go.mjs';

const binary = join(root, '.build', platform === 'win32' ? 'relay.exe' : 'relay');
try {
  go(['build', '-trimpath', '-o', binary, './cmd/relay'], { CGO_ENABLED: '0' });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const relay = spawn(binary, ['serve', ...argv.slice(2)], { stdio: 'inherit' });

// The relay stops gracefully by itself; this process only has to outlive it. A terminal sends Ctrl-C to both of them
// and npm sends it here once more, so what comes from a terminal is not passed on, and the rest is passed on once.
const passed = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if ((signal === 'SIGINT' && stdin.isTTY) || passed.has(signal)) return;
    passed.add(signal);
    relay.kill(signal);
  });
}

relay.on('error', (error) => {
  console.error(`relay serve did not start: ${error.message}`);
  process.exit(1);
});
relay.on('exit', (code) => process.exit(code ?? 1));
