// Rehearses a deployment on the small AWS that lies beside the project, where there is one: LOOPBACK names its program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '..');
const dynalite = createRequire(join(root, 'package.json'))('dynalite');

const tables = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }).listen(0, '127.0.0.1');
await once(tables, 'listening');

const aws = spawn('python3', [process.env.LOOPBACK, '--port', '0', '--emulate-arm64', 'qemu-aarch64-static'], {
  env: { ...process.env, LOOPBACK_DYNAMODB: `http://127.0.0.1:${tables.address().port}` },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const ready = await Promise.race([once(createInterface(aws.stdout), 'line'), once(aws, 'exit')]);
  const endpoint = /http:\/\/[\d.:]+/.exec(ready[0])?.[0];
  if (!endpoint) throw new Error(`The small AWS did not start: ${ready}`);

  const rehearsal = spawn(process.execPath, [join(root, 'scripts', 'rehearse.mjs'), ...process.argv.slice(2)], {
    env: { ...process.env, AWS_ENDPOINT_URL: endpoint },
    stdio: 'inherit',
  });
  const [status] = await once(rehearsal, 'exit');
  process.exitCode = status ?? 1;
} finally {
  aws.kill();
  tables.close();
}
