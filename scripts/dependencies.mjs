// Installs the packages in package-lock.json that are missing.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './go.mjs';

/**
 * Reports whether node_modules matches package-lock.json. npm keeps a list of what it installed there; packages
 * for other platforms are left out of it.
 */
export function installed(folder = root) {
  const read = (...parts) => JSON.parse(readFileSync(join(folder, ...parts), 'utf8')).packages;
  let there;
  try {
    there = read('node_modules', '.package-lock.json');
  } catch {
    return false;
  }
  const { '': project, ...wanted } = read('package-lock.json');
  return (
    Object.keys(there).every((path) => path in wanted) &&
    Object.entries(wanted).every(([path, { version, integrity, optional }]) =>
      there[path] ? there[path].version === version && there[path].integrity === integrity : optional,
    )
  );
}

/** Runs `npm ci`. Throws when it fails. */
export function install() {
  // npm names itself to the scripts that it runs; found by its name it would need a shell on Windows.
  const npm = process.env.npm_execpath;
  const [command, ...args] = npm ? [process.execPath, npm, 'ci'] : ['npm', 'ci'];
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ci ended with status ${status}.`);
}
