// Builds the relay's command line and serves every route on this machine. Needs Go and Node, nothing installed by npm.
//
//   npm start -- --addr 127.0.0.1:8080
//   npm start -- --watch                   builds and serves again when the source changes
import { spawn } from 'node:child_process';
import { renameSync, watch } from 'node:fs';
import { join } from 'node:path';
import process, { argv, env, platform, stdin } from 'node:process';
import { go, root } from './go.mjs';

const binary = join(root, '.build', platform === 'win32' ? 'relay.exe' : 'relay');
const made = `${binary}.new`;
const watching = argv.includes('--watch');
const args = argv.slice(2).filter((argument) => argument !== '--watch');

/** Builds the command beside the one that may be running. Returns whether it worked. */
function build() {
  try {
    go(['build', '-trimpath', '-o', made, './cmd/relay'], { CGO_ENABLED: '0' });
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

let relay;
let again = false;
let ending = false;

function start() {
  renameSync(made, binary);
  again = false;
  relay = spawn(binary, ['serve', ...args], { stdio: 'inherit' });
  relay.on('error', (error) => {
    console.error(`relay serve did not start: ${error.message}`);
    process.exit(1);
  });
  relay.on('exit', (code) => {
    if (again && !ending) start();
    else process.exit(code ?? 1);
  });
}

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
    ending = true;
    if (signal !== 'SIGINT' || !stdin.isTTY) passOn(signal);
  });
}

// npm passes signals only to the shell between npm and this process, so this process watches that shell.
if (env.npm_lifecycle_event) {
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid === shell) return;
    ending = true;
    passOn('SIGTERM');
  }, 250);
}

if (!build()) process.exit(1);
start();

// What goes into the command. The page keeps its investigation, and its token stays valid.
if (watching) {
  let timer;
  const changed = (_, name) => {
    if (name && /_test\.go$|\.(md|mjs)$|(^|[\\/])[.~]/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      console.error('The source has changed: building again.');
      if (!build()) return; // the one before goes on
      again = true;
      relay.kill();
    }, 300); // editors write a file in several steps
  };
  for (const folder of ['cmd', 'providers', 'shared', join('web', 'dist')]) watch(join(root, folder), { recursive: true }, changed);
  for (const name of ['go.mod', 'go.sum']) watch(join(root, name), () => changed());
}
