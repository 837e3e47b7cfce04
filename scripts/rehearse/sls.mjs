// Runs osls as a person would.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../go.mjs';

const binary = join(root, 'node_modules', 'osls', 'bin', 'serverless.js');

/**
 * Runs sls with the arguments and returns what it writes. Throws when it ends otherwise than it must: well, or with an
 * error where `fails` is set. `input` is its standard input. `until` ends it once it has written what matches, which it
 * must within two minutes.
 */
export function sls(args, { env, fails = false, input = '', until } = {}) {
  return new Promise((resolve, reject) => {
    const timeout = until ? 120_000 : undefined;
    const child = spawn(process.execPath, [binary, ...args], { cwd: root, env: { ...process.env, ...env }, timeout });
    let output = '';
    let found = false;
    const take = (data) => {
      output += data;
      if (until?.test(output) && !found) {
        found = true;
        child.kill();
      }
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code) => {
      if (found || (!until && (code !== 0) === fails)) resolve(output);
      else reject(new Error(`sls ${args.join(' ')} ended with status ${code}:\n${output}`));
    });
  });
}
