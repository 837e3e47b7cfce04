// Checks what a deployment of GuardDuty adds to the relay's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyOfConfiguration, sls, slsPackage } from '../../scripts/packaging.mjs';
import { beyondBoundary, functionPolicies } from '../../scripts/rehearse/rights.mjs';

/** What each function may do with GuardDuty, by the function's short name. */
function rights(template) {
  return Object.fromEntries(
    Object.entries(functionPolicies(template)).map(([name, { Statement }]) => [
      name.slice('serverless-relay-dev-'.length),
      Statement.flatMap(({ Action }) => Action).filter((action) => action.startsWith('guardduty:')),
    ]),
  );
}

const none = { health: [], deliberate: [], observe: [], refer: [], respond: [], tiles: [], version: [] };

test('the functions may read findings only if callers may use their credentials', async (t) => {
  const read = ['guardduty:GetFindings', 'guardduty:ListDetectors', 'guardduty:ListFindings'];
  const all = { ...none, health: ['guardduty:GetDetector', 'guardduty:ListDetectors'], deliberate: read, observe: read, tiles: read };
  for (const [GUARDDUTY_OWN_CREDENTIALS, wanted] of [['', none], ['false', none], ['true', all]]) {
    const template = await slsPackage({ cwd: copyOfConfiguration(t), env: { RELAY_PROVIDER: 'guardduty', GUARDDUTY_OWN_CREDENTIALS } });
    assert.deepEqual(rights(template), wanted);
    assert.deepEqual(beyondBoundary(template), []);
  }
});

test('another value is refused', async (t) => {
  const { status, output } = await sls(['package'], { cwd: copyOfConfiguration(t), env: { RELAY_PROVIDER: 'guardduty', GUARDDUTY_OWN_CREDENTIALS: 'maybe' } });
  assert.equal(status, 1, output);
  assert.match(output, /GUARDDUTY_OWN_CREDENTIALS must be true or false/);
});
