// Runs the go command in the project's folder.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder, with a separator at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs `go` with the arguments, its output on ours. Throws when there is no Go or when it fails.
 * Variables in `env` go before those of this process.
 */
export function go(args, env = {}) {
  run(args, env, ['inherit', 'inherit', 'inherit']);
}

/** The same, but returns what it writes to standard output, without the last line break. */
export function goOutput(args, env = {}) {
  return run(args, env, ['inherit', 'pipe', 'inherit']).trimEnd();
}

function run(args, env, stdio) {
  const { error, status, signal, stdout } = spawnSync('go', args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio,
    encoding: 'utf8',
  });
  if (error?.code === 'ENOENT') {
    throw new Error('There is no go command on the PATH: install Go 1.26 or later from https://go.dev/dl/.');
  }
  if (error) throw error;
  if (status !== 0) throw new Error(`go ${args[0]} ended with ${signal ?? `status ${status}`}.`);
  return stdout ?? '';
}
