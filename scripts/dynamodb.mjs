// Serves an empty DynamoDB on a free port of this machine, for tests: dynalite, in memory, in a process of its own.
import { spawn } from 'node:child_process';
import process, { argv, execPath, exit, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Starts it. Resolves to its `url` and a function to `stop` it. It also ends with this process, however that ends. */
export async function startDynamoDB() {
  const server = spawn(execPath, [fileURLToPath(import.meta.url)], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const url of createInterface({ input: server.stdout })) {
    return { url, stop: () => server.kill() };
  }
  throw new Error('dynalite did not start.');
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const { default: dynalite } = await import('dynalite');
  // dynalite would end with the first client that goes away in the middle of a request, as tests have them do.
  process.on('uncaughtException', (error) => {
    if (error.code !== 'ECONNRESET') throw error;
  });
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1', () => stdout.write(`http://127.0.0.1:${server.address().port}\n`));
  stdin.resume().on('end', () => exit()); // whoever started it is gone
}
