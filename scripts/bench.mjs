// Measures the function observe beside a Lambda that does nothing, and writes the tables of docs/Performance.md.
//
//   npm run bench [-- ROUNDS]      8 rounds by default; the more, the less a busy machine matters
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { billed, lambdaPrice, limits, prices, simulate } from './bench/limits.mjs';
import { run } from './bench/runtime.mjs';
import { bootstrapPath, buildFunctions } from './build.mjs';
import { go, goOutput, root } from './go.mjs';

const warmRequests = 1000;
const secretKey = 'bench-bench-0123456789-abcdefghijklmnop';

/** The event of an HTTP API for a request about observables. */
function eventAbout(observables) {
  const encode = (value) => Buffer.from(value).toString('base64url');
  const signed = `${encode('{"alg":"HS256","typ":"JWT"}')}.${encode('{}')}`;
  const token = `${signed}.${createHmac('sha256', secretKey).update(signed).digest('base64url')}`;
  return JSON.stringify({
    version: '2.0',
    routeKey: 'POST /observe/observables',
    rawPath: '/observe/observables',
    rawQueryString: '',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', host: 'abc.execute-api.us-east-1.amazonaws.com' },
    requestContext: { domainName: 'abc.execute-api.us-east-1.amazonaws.com', stage: '$default', requestId: 'r', http: { method: 'POST', path: '/observe/observables', sourceIp: '192.0.2.1' } },
    body: JSON.stringify(observables),
    isBase64Encoded: false,
  });
}

/** Copies a binary and returns the copy's path. Lambda runs copies too. The linker's file starts slower. */
function copy(binary, path) {
  writeFileSync(path, readFileSync(binary), { mode: 0o755 });
  return path;
}

const domain = (value) => ({ type: 'domain', value });
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const quarter = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)];
const quantile = (sorted, q) => sorted[Math.floor(sorted.length * q)];

/**
 * Measures the binaries by turns, so that a busy moment meets all of them. Resolves to medians by name, and for starts,
 * which a busy machine delays most, to the lower quartile.
 */
async function compare(binaries, rounds) {
  const runs = Object.fromEntries(Object.keys(binaries).map((name) => [name, { cold: [], warm: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { binary, settings, event }] of Object.entries(binaries)) {
      for (let i = 0; i < 12; i++) runs[name].cold.push(await run(binary, settings, event, 1));
      runs[name].warm.push(await run(binary, settings, event, warmRequests));
    }
  }
  return Object.fromEntries(
    Object.entries(runs).map(([name, { cold, warm }]) => [
      name,
      {
        poll: quarter(cold.map(({ poll }) => poll)),
        answer: quarter(cold.map(({ answer }) => answer)),
        p50: median(warm.map(({ warm }) => quantile(warm, 0.5))),
        p99: median(warm.map(({ warm }) => quantile(warm, 0.99))),
        cpu: median(warm.map(({ cpu }) => cpu)),
        memory: median(warm.map(({ memory }) => memory)),
        bytes: warm[0].body.length,
      },
    ]),
  );
}

const percent = (share) => `${number(100 * share, share < 0.01 ? 2 : 0)} %`;
const number = (value, digits) => (value === undefined ? '' : value.toFixed(digits));
const table = (head, rows) =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

function measured(results, floorSize, size) {
  const floor = results['does nothing'];
  const row = ([name, r]) => [
    name,
    ...[[r.poll, floor.poll], [r.answer, floor.answer], [r.p50, floor.p50], [r.p99, floor.p99]].map(([value, least]) => `${number(value, 2)} (${number(value / least, 2)})`),
    number(r.cpu, 2),
    number(r.memory, 0),
    r.bytes.toLocaleString('en'),
  ];
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} × ${cpus()[0].model.trim()}, ${platform()} ${release()} on ${arch()}, ${goOutput(['env', 'GOVERSION'])}, load ${loadavg()[0].toFixed(1)}.`,
    `Binaries of ${number(floorSize / 1e6, 1)} and ${number(size / 1e6, 1)} MB.`,
    '',
    table(['a Lambda that', 'first poll, ms', 'first answer, ms', 'warm p50, ms', 'warm p99, ms', 'CPU a request, ms', 'peak memory, MB', 'answer, bytes'], Object.entries(results).map(row)),
  ].join('\n');
}

function costs(cpu) {
  return table(
    ['memory', 'billed a request', 'a million requests, Lambda', 'with the HTTP API'],
    [128, 256, 512].map((memory) => {
      const duration = billed(cpu, memory);
      const price = lambdaPrice(duration, memory);
      return [`${memory} MB`, `${duration} ms`, `$${number(price, 2)}`, `$${number(price + prices.httpAPI, 2)}`];
    }),
  );
}

function loads(cpu) {
  const memory = 256;
  const rows = [];
  const stores = [
    { name: 'file', waiting: 0, keyReads: 0, reads: 0, quota: Infinity },
    // A tenth of the requests are about names below one domain, whose key is half a unit to read.
    { name: 'table', waiting: 5, keyReads: 0.05, reads: 2, quota: Infinity },
    { name: 'third party of 1,000 requests a minute', waiting: 200, keyReads: 0, reads: 0, quota: 1000 / 60 },
  ];
  for (const { name, waiting, keyReads, reads, quota } of stores) {
    const duration = billed(cpu, memory, waiting);
    for (const rate of [10, 1000, 100_000]) {
      const [throttling, ...others] = limits({ duration, throttle: 50, concurrency: 1000, keyReads, quota });
      const { answered, met, what } = simulate(rate, [throttling, ...others]);
      const raised = simulate(rate, others);
      // A read of a key that is not there, or of up to 4 KB, is half a unit.
      const hourly = (rate * 3600 * (lambdaPrice(duration, memory) + prices.httpAPI + (reads / 2) * prices.reads)) / 1e6;
      rows.push([name, rate.toLocaleString('en'), percent(answered), percent(raised.answered), met.join(', ') || 'none', what ?? '', raised.what ?? '', `$${number(hourly, 2)}`]);
    }
  }
  return table(['answers from a', 'requests a second', 'answered in the first minute', 'without throttling', 'limits met, the lowest first', 'what moves the lowest', 'and without throttling', 'an hour, if all are answered'], rows);
}

/** Replaces the part of a document between <!-- name --> and <!-- /name -->. */
function replacePart(text, name, part) {
  const pattern = new RegExp(`(<!-- ${name} -->\n).*?(\n<!-- /${name} -->)`, 's');
  if (!pattern.test(text)) throw new Error(`docs/Performance.md has no part "${name}".`);
  return text.replace(pattern, (_, start, end) => `${start}\n${part}\n${end}`);
}

const rounds = Number(argv[2] ?? 8);
const goArch = { x64: 'amd64', arm64: 'arm64' }[arch()];
if (platform() !== 'linux' || !goArch) throw new Error('The functions run on Linux, on x64 or arm64: run this there.');
if (!(rounds >= 1)) throw new Error(`"${argv[2]}" is not a number of rounds.`);

const folder = mkdtempSync(join(tmpdir(), 'relay-bench-'));
try {
  buildFunctions(goArch, ['observe'], ['nodynamodb']); // as deployed with a file
  const linked = join(folder, 'linked');
  go(['build', '-trimpath', '-buildvcs=false', '-tags=lambda.norpc', '-ldflags=-s -w', '-o', linked, './shared/gateway/testdata/floor'], { CGO_ENABLED: '0' });
  const floor = copy(linked, join(folder, 'floor'));
  const observe = copy(bootstrapPath(goArch, 'observe'), join(folder, 'observe'));
  const file = join(folder, 'watchlist.db');
  const list = join(folder, 'list.csv');
  const many = Array.from({ length: 100 }, (_, i) => domain(`host${i}.bench.example`));
  writeFileSync(list, `type,value,disposition\n${many.map(({ value }) => `domain,${value},malicious\n`).join('')}`);
  go(['run', './cmd/relay', 'watchlist', '--file', file, 'import', 'providers/watchlist/sample/sample.csv', list]);

  const settings = { SECRET_KEY: secretKey, RELAY_PROVIDER: 'watchlist', WATCHLIST_FILE: file, WATCHLIST_READ_ONLY: 'true' }; // as in a package
  const one = eventAbout([domain('malware.example.com')]);
  const answer = join(folder, 'answer.json');
  const { body } = await run(observe, settings, one, 1);
  if (!body.includes('Malicious')) throw new Error(`The listed domain is not found: ${body}`);
  writeFileSync(answer, body);
  const results = await compare({
    'does nothing': { binary: floor, settings: {}, event: one },
    'sends the same answer': { binary: floor, settings: { ANSWER: answer }, event: one },
    'is observe, one listed domain': { binary: observe, settings, event: one },
    'is observe, one of 100': { binary: observe, settings, event: eventAbout(many.slice(0, 1)) },
    'is observe, all 100 in one request': { binary: observe, settings, event: eventAbout(many) },
  }, rounds);

  const { cpu } = results['is observe, one listed domain'];
  const document = join(root, 'docs', 'Performance.md');
  let text = readFileSync(document, 'utf8');
  text = replacePart(text, 'measured', measured(results, statSync(floor).size, statSync(observe).size));
  text = replacePart(text, 'costs', costs(cpu));
  text = replacePart(text, 'loads', loads(cpu));
  writeFileSync(document, text);
  console.log(measured(results, statSync(floor).size, statSync(observe).size));
  console.log('docs/Performance.md is up to date.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
