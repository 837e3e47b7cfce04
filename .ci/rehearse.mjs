// Rehearses a deployment on a small AWS beside the project, if there is one. LOOPBACK is the path of its program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startDynamoDB } from '../scripts/dynamodb.mjs';

const tables = await startDynamoDB();
const aws = spawn('python3', [process.env.LOOPBACK, '--port', '0', '--emulate-arm64', 'qemu-aarch64-static'], {
  env: { ...process.env, LOOPBACK_DYNAMODB: tables.url },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const ready = await Promise.race([once(createInterface(aws.stdout), 'line'), once(aws, 'exit')]);
  const endpoint = /http:\/\/[\d.:]+/.exec(ready[0])?.[0];
  if (!endpoint) throw new Error(`The small AWS did not start: ${ready}`);

  const rehearsal = spawn(process.execPath, [join(import.meta.dirname, '..', 'scripts', 'rehearse.mjs'), ...process.argv.slice(2)], {
    env: { ...process.env, AWS_ENDPOINT_URL: endpoint },
    stdio: 'inherit',
  });
  const [status] = await once(rehearsal, 'exit');
  process.exitCode = status ?? 1;
} finally {
  aws.kill();
  tables.stop();
}
