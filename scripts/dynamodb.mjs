// Serves an empty DynamoDB on a free port of this machine, for tests: dynalite, in memory, in its own process, with
// TransactWriteItems, which dynalite lacks.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import process, { argv, execPath, exit, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Starts it. Resolves to its `url` and a function to `stop` it. It also ends with this process, however that ends. */
export async function startDynamoDB() {
  const server = spawn(execPath, [fileURLToPath(import.meta.url)], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const url of createInterface({ input: server.stdout })) {
    return { url, stop: () => server.kill() };
  }
  throw new Error('dynalite did not start.');
}

const version = 'DynamoDB_20120810';
const actions = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem' };

/**
 * Makes transactions of dynalite's single writes. One request is answered at a time, so no client sees a transaction in
 * its middle, and none conflicts with another: tests make conflicts themselves. Conditions, expressions and the limits
 * of items are dynalite's; the limits of transactions, the reasons for which they are cancelled and the tokens that
 * make them idempotent are as AWS documents them. A ConditionCheck is refused.
 */
class Transactions {
  #made = new Map(); // the items of transactions that were made, by token

  /** `send` does an action of DynamoDB. It resolves to the status and the body of the answer. */
  constructor(send) {
    this.send = send;
  }

  /** Resolves to the status and the body of the answer to TransactWriteItems. */
  async write(body) {
    const { TransactItems: items, ClientRequestToken: token } = JSON.parse(body);
    const parts = items.flatMap((item) => Object.entries(item));
    const keys = new Set();
    if (parts.length < 1 || parts.length > 100) return failure('ValidationException', `Member must have length less than or equal to 100`);
    if (body.length > 4_000_000) return failure('ValidationException', 'Transaction request size exceeds the limit of 4 MB');
    for (const [kind, { TableName, Item, Key }] of parts) {
      if (!actions[kind]) return failure('ValidationException', `${kind} is not supported here`);
      const { pk, sk } = Item ?? Key;
      keys.add(JSON.stringify([TableName, pk, sk]));
    }
    if (keys.size < parts.length) return failure('ValidationException', 'Transaction request cannot include multiple operations on one item');
    const same = sorted(items);
    if (token && this.#made.has(token)) {
      if (this.#made.get(token) === same) return { status: 200, body: {} };
      return failure('IdempotentParameterMismatchException', 'The token was used for another request');
    }
    const done = await Promise.all(parts.map(([kind, part]) => this.send(actions[kind], { ...part, ReturnValues: 'ALL_OLD' })));
    const gone = done.find(({ body: { __type } }) => String(__type).endsWith('#ResourceNotFoundException'));
    if (gone) return gone;
    if (done.every(({ status }) => status === 200)) {
      if (token) this.#made.set(token, same);
      return { status: 200, body: {} };
    }
    await Promise.all(parts.map(([, { TableName, Item, Key }], i) => {
      if (done[i].status !== 200) return undefined;
      const { Attributes: before } = done[i].body;
      const { pk, sk } = Item ?? Key;
      return before ? this.send('PutItem', { TableName, Item: before }) : this.send('DeleteItem', { TableName, Key: { pk, sk } });
    }));
    const reasons = done.map(({ status, body: { __type, message } }) => {
      const code = String(__type).split('#').at(-1).replace(/Exception$/, '');
      return status === 200 ? { Code: 'None' } : { Code: code === 'Validation' ? 'ValidationError' : code, Message: message };
    });
    const codes = reasons.map(({ Code }) => Code).join(', ');
    const cancelled = failure('TransactionCanceledException', `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`);
    cancelled.body.CancellationReasons = reasons;
    return cancelled;
  }
}

/** JSON in which the order of names doesn't matter. */
const sorted = (value) =>
  JSON.stringify(value, (_, part) => (part && !Array.isArray(part) && typeof part === 'object' ? Object.fromEntries(Object.entries(part).sort()) : part));

const failure = (code, message) => ({ status: 400, body: { __type: `com.amazonaws.dynamodb.v20120810#${code}`, Message: message } });

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const { default: dynalite } = await import('dynalite');
  // dynalite would end with the first client that goes away in the middle of a request, as tests have them do.
  process.on('uncaughtException', (error) => {
    if (error.code !== 'ECONNRESET') throw error;
  });
  const single = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-date': 'now',
    authorization: 'AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=test',
  };
  const transactions = new Transactions(
    (action, body) =>
      new Promise((resolve) => {
        const request = Readable.from([Buffer.from(JSON.stringify(body))]);
        Object.assign(request, { method: 'POST', url: '/', headers: { ...headers, 'x-amz-target': `${version}.${action}` } });
        const response = { setHeader() {}, end: (answer) => resolve({ status: response.statusCode, body: JSON.parse(answer) }) };
        single.emit('request', request, response);
      }),
  );

  let last = Promise.resolve();
  const server = createServer((request, response) => {
    const closed = new Promise((resolve) => response.on('close', resolve)); // also when the client goes away while it waits
    last = last.then(() => answer(request, response)).then(() => closed).catch((error) => {
      if (error.code !== 'ECONNRESET') throw error;
    });
  });
  const answer = async (request, response) => {
    if (request.headers['x-amz-target'] === `${version}.TransactWriteItems`) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { status, body } = await transactions.write(Buffer.concat(chunks).toString());
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    } else {
      single.emit('request', request, response);
    }
  };
  server.listen(0, '127.0.0.1', () => stdout.write(`http://127.0.0.1:${server.address().port}\n`));
  stdin.resume().on('end', () => exit()); // the parent process has ended
}
