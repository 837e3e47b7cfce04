// Reckons what requests cost, and simulates which of AWS's limits they meet first.

/** Prices in US dollars, in us-east-1: of a GB-second on arm64, of a million Lambda, HTTP API and DynamoDB read requests. */
export const prices = { gigabyteSecond: 0.0000133334, lambda: 0.2, httpAPI: 1, reads: 0.125 };

/** A function has a whole CPU at this memory, in MB, and a part of one below. */
const wholeCPU = 1769;

/** The billed duration of a request, in whole ms: its CPU time at this memory, and the time that it waits. */
export function billed(cpu, memory, waiting = 0) {
  return Math.ceil((cpu * wholeCPU) / Math.min(memory, wholeCPU) + waiting);
}

/** What Lambda charges for a million requests. */
export function lambdaPrice(duration, memory) {
  return prices.lambda + 1000 * duration * (memory / 1024) * prices.gigabyteSecond;
}

/**
 * The limits that AWS publishes, as the requests a second that they let through `t` seconds after a load begins. `what`
 * moves each one. Requests take `duration` ms.
 */
export function limits({ duration, throttle, concurrency, keyReads, quota }) {
  const inTime = (copies) => Math.min((copies * 1000) / duration, copies * 10);
  return [
    { name: "the stage's throttling", at: () => throttle, what: 'throttlingRate in serverless.yml' },
    { name: "Lambda's concurrency of the account", at: () => inTime(concurrency), what: "a quota increase of Lambda's concurrent executions" },
    { name: "Lambda's scaling of the function", at: (t) => inTime(1000 * (1 + t / 10)), what: 'provisionedConcurrency in serverless.yml, before the load' },
    { name: "the HTTP API's rate in the region", at: () => 10_000, what: "a quota increase of API Gateway's throttle rate" },
    { name: 'a partition of the table', at: () => 3000 / keyReads, what: 'watchlistStore: file in serverless.yml, so that each copy has the list' },
    { name: "the third party's quota", at: () => quota, what: 'the plan at the third party' },
  ];
}

/**
 * Sends `rate` requests a second for a minute, against the limits. Returns the share that is answered, the names of
 * the limits that are below the rate at any time, the lowest first, and what moves the lowest.
 */
export function simulate(rate, all) {
  let answered = 0;
  const met = new Map();
  for (let t = 0; t < 60; t++) {
    answered += Math.min(rate, ...all.map((limit) => limit.at(t)));
    for (const limit of all) if (limit.at(t) < rate) met.set(limit, Math.min(met.get(limit) ?? Infinity, limit.at(t)));
  }
  const lowestFirst = [...met].sort(([, a], [, b]) => a - b).map(([limit]) => limit);
  return { answered: answered / (60 * rate), met: lowestFirst.map(({ name }) => name), what: lowestFirst[0]?.what };
}
