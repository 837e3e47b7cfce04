// Checks the versions of Node and Go before something fails for a reason that is hard to recognise.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goOutput, root } from './go.mjs';

/** Throws if this Node or the go command is not a version that the project supports. */
export function checkVersions() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (!satisfies(process.versions.node, engines.node)) {
    throw new Error(`This is Node.js ${process.versions.node}. The project needs ${engines.node}: install the newest version from https://nodejs.org/.`);
  }
  const [, needed] = /^go (\S+)$/m.exec(readFileSync(join(root, 'go.mod'), 'utf8'));
  const found = goOutput(['env', 'GOVERSION']);
  if (!satisfies(found.replace(/^go/, ''), `>=${needed}`)) {
    throw new Error(`This is ${found}. The project needs Go ${needed} or later: install it from https://go.dev/dl/.`);
  }
}

/** Whether a version is in a range as in package.json, of parts such as ^20.19.0 and >=24, separated by ||. */
export function satisfies(version, range) {
  const numbers = (text) => text.match(/\d+/g).map(Number);
  return range.split('||').some((part) => {
    const [actual, least] = [numbers(version), numbers(part)];
    if (part.trim().startsWith('^') && actual[0] !== least[0]) return false;
    const different = least.findIndex((number, i) => number !== (actual[i] ?? 0));
    return different < 0 || (actual[different] ?? 0) > least[different];
  });
}
