// Plays the Lambda Runtime API for a function's binary and measures it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { env, hrtime } from 'node:process';

/** How many clock ticks of /proc are a second. Linux has 100 on every architecture that Lambda has. */
const ticks = 100;

/**
 * Starts a binary, sends it the event `requests` times, one after the other, and stops it. Resolves to
 *
 * - `poll` and `answer`: the time from the start to the first poll and to the first answer, in ms,
 * - `warm`: the times of the other requests, in ms, sorted,
 * - `cpu`: the CPU time of one of these, in ms, and `memory`: the peak, in MB; both undefined except on Linux,
 * - `body`: the first answer's body.
 */
export async function run(binary, settings, event, requests) {
  const result = { warm: [] };
  let started, sent, count = 0, cpuAtFirst;
  let resolve, reject;
  const done = new Promise((...functions) => ([resolve, reject] = functions));
  const now = () => Number(hrtime.bigint()) / 1e6;
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      result.poll ??= now() - started;
      if (count === requests) {
        resolve(); // the function waits for an event that doesn't come
        return;
      }
      sent = now();
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Lambda-Runtime-Aws-Request-Id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + 29_000),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:123456789012:function:bench',
      });
      response.end(event);
      return;
    }
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const at = now();
      if (!request.url.endsWith('/response')) reject(new Error(`${binary}: ${Buffer.concat(parts)}`));
      if (count++ === 0) {
        result.answer = at - started;
        result.body = JSON.parse(Buffer.concat(parts)).body;
        cpuAtFirst = status(child.pid).cpu;
      } else {
        result.warm.push(at - sent);
      }
      response.writeHead(202).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  started = now();
  const child = spawn(binary, {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      PATH: env.PATH, HOME: env.HOME, ...settings,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${server.address().port}`,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256', AWS_LAMBDA_FUNCTION_NAME: 'bench', AWS_REGION: 'us-east-1',
    },
  });
  const ended = once(child, 'exit'); // the next process waits for the lock of the watchlist's file until then
  ended.then(([code]) => reject(new Error(`${binary} ended with status ${code}.`)), reject);
  try {
    await done;
  } finally {
    const { cpu, memory } = status(child.pid);
    if (requests > 1 && cpu !== undefined) result.cpu = (cpu - cpuAtFirst) / (requests - 1);
    result.memory = memory;
    child.kill('SIGKILL');
    await ended.catch(() => {});
    server.closeAllConnections();
    server.close();
  }
  result.warm.sort((a, b) => a - b);
  return result;
}

/** The CPU time of a process in ms and its peak memory in MB. Empty if there is no /proc. */
function status(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return { cpu: ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks, memory: Number(peak) / 1024 };
  } catch {
    return {};
  }
}
