// Uses the page of `relay serve` as a person does, in a real browser. Skipped if there is no Chromium.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { hostile, hostileFindings, tiles, withTiles } from './page/answers.mjs';
import { findBrowser, startBrowser } from './page/browser.mjs';
import { servePage } from './page/served.mjs';

const executable = findBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const mail = `A user clicked hxxps://cdn.malware[.]example[.]com/stage2 and wrote to invoice[@]phishing.example.net.
Beacons to 192[.]0[.]2[.]66 and 198.51.100.14; our scanner is 203.0.113.10. Also www.example.org, ip:"192.0.2.200".`;

describe('the page', { skip: executable ? false : 'no chromium is installed (apt-get install chromium, or set CHROMIUM)', timeout: 400_000 }, () => {
  let browser;
  let served;
  before(async () => {
    [served, browser] = await Promise.all([servePage(), startBrowser(executable)]);
  });
  after(async () => {
    await browser?.close();
    await served?.stop();
  });

  /** Runs a test in a new window. What the browser complains about fails it, except what matches `expected`. */
  const inPage = (name, use, { expected = /$^/, ...options } = {}) =>
    test(name, async () => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, ...options });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      const complaints = [];
      page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.stack));
      try {
        await page.goto(served.url);
        await use(page, context);
        assert.deepEqual(complaints.filter((text) => !expected.test(text)), []);
      } finally {
        await context.close();
      }
    });

  const paste = (page, text) => page.fill('#text', text);
  const answered = (page) =>
    page.waitForFunction(() => document.querySelector('.results') && !document.querySelector('.ask [role=status]').textContent.startsWith('Waiting'), undefined, { timeout: 60_000 });
  const ask = async (page, text = mail) => {
    await paste(page, text);
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await answered(page);
  };
  const line = (page, value) => page.locator('.line', { hasText: value });
  const go = (page, view) => page.getByRole('navigation').getByRole('link', { name: view }).click();

  /** Looks for violations of WCAG 2 A and AA. */
  const audit = async (page, what) => {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] }));
    assert.deepEqual(violations.map((v) => `${what}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html} ${n.failureSummary}`).join('\n')}`), []);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `${what} is ${overflow} pixels too wide`);
  };

  inPage('the token leaves the address', async (page) => {
    await page.getByRole('button', { name: 'Sample' }).waitFor();
    assert.equal(new URL(page.url()).hash, '');
  });

  inPage('paste, edit, ask, read', async (page) => {
    await paste(page, mail);
    await page.getByRole('button', { name: 'Find observables' }).click();
    await page.locator('.chip').nth(6).waitFor();
    assert.equal(await page.locator('.chip').count(), 7);
    await page.getByRole('button', { name: 'Remove 192.0.2.200' }).click();
    await page.getByRole('button', { name: 'Edit www.example.org' }).click();
    await page.getByRole('textbox', { name: 'Edit www.example.org' }).fill('not one');
    await page.keyboard.press('Enter');
    await page.getByText('not an observable').waitFor();
    await page.getByRole('textbox', { name: 'Edit www.example.org' }).fill('malware[.]example.com');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Edit malware.example.com' }).waitFor();
    await page.locator('#text').focus();
    await page.keyboard.press('Control+Enter');
    await line(page, '203.0.113.10').getByText('clean').waitFor();
    await answered(page);
    assert.equal(await page.locator('.line').count(), 6);
    assert.equal(await page.locator('.line.malicious').count(), 4);
    await line(page, 'malware.example.com').last().click();
    const detail = page.getByRole('article', { name: 'About malware.example.com' });
    await detail.getByRole('cell', { name: /Sample list/ }).first().waitFor();
    for (const section of ['Judgements', 'Sightings', 'Indicators', 'Malware', 'Actors', 'Techniques']) await detail.locator('summary', { hasText: section }).waitFor();
    await detail.getByText('ExampleRAT').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'Table' }).click();
    const rows = page.getByRole('region', { name: 'All observables' }).getByRole('row');
    await rows.nth(6).waitFor();
    assert.equal(await rows.count(), 7);
  });

  inPage('pivot, act, and see the tile change', async (page) => {
    await go(page, 'Tiles');
    const clean = page.locator('.metrics .clean .number');
    await clean.waitFor();
    const before = Number(await clean.textContent());
    await go(page, 'Investigate');
    await ask(page, '198.51.100.14');
    await page.getByRole('button', { name: 'Links and actions' }).click();
    const menu = page.getByRole('dialog');
    const link = menu.getByRole('link', { name: 'Search VirusTotal' });
    await link.waitFor();
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    await menu.getByRole('button', { name: 'Change to clean (allow)' }).click();
    await menu.getByText('observable_value').waitFor();
    await menu.getByRole('button', { name: 'Cancel' }).click();
    await menu.getByRole('button', { name: 'Change to clean (allow)' }).click();
    await page.keyboard.press('Enter');
    await page.getByText('Done: Change to clean (allow)').waitFor();
    await line(page, '198.51.100.14').getByText('clean').waitFor();
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    await go(page, 'Tiles');
    await page.waitForFunction((n) => Number(document.querySelector('.metrics .clean .number')?.textContent) === n + 1, before);
  });

  inPage('save, reload, clear, and open without the relay', async (page) => {
    await ask(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save' }).click()]);
    const saved = JSON.parse(readFileSync(await download.path(), 'utf8'));
    assert.equal(saved.actions.filter(({ type }) => type === 'investigate').length, 7);
    assert.match(saved['search-txt'], /^url:"https:\/\/cdn\.malware\.example\.com\/stage2" /);
    assert.ok(!JSON.stringify(saved).includes('A user clicked'), 'the pasted text is in the file');
    await page.reload();
    await line(page, '192.0.2.66').getByText('malicious').waitFor(); // the investigation outlives the page
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('.line').first().waitFor({ state: 'detached' });
    const asked = [];
    page.on('request', (request) => request.method() === 'POST' && asked.push(request.url()));
    await page.getByLabel('Snapshot').setInputFiles(await download.path());
    await line(page, '192.0.2.66').getByText('malicious').waitFor();
    await page.getByRole('button', { name: 'Sample' }).click();
    await page.getByText(/^Snapshot: Sample/).waitFor();
    await page.getByLabel('Snapshot').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"actions": 3}') });
    await page.getByText('The file is no snapshot').waitFor();
    assert.deepEqual(asked, []);
  });

  inPage('what a third party says is text', async (page) => {
    await page.route('**/observe/observables', (route) => route.fulfill({ json: { data: hostileFindings(route.request().postDataJSON()[0]), errors: [{ type: 'error', code: hostile, message: hostile }] } }));
    await page.route('**/refer/observables', (route) => route.fulfill({ json: { data: [{ id: 'a', title: hostile, description: hostile, url: 'javascript:window.hacked=1', categories: [hostile] }] } }));
    await page.route('**/respond/observables', (route) => route.fulfill({ json: { data: [{ id: 'a', title: hostile, description: hostile, 'query-params': { observable_type: 'ip', observable_value: hostile } }] } }));
    await withTiles(page);
    await page.route('**/tiles/tile-data', async (route) => {
      const type = route.request().postDataJSON().tile_id;
      const data = {
        metric_group: [{ icon: hostile, label: hostile, value: hostile, link_uri: 'javascript:window.hacked=1' }],
        markdown: [hostile, '[a](javascript:window.hacked=1)', '<a href="javascript:window.hacked=1">b</a>', '![c](https://evil.example/c.png)', '<form action="https://evil.example"><input></form>'],
        data_table: { columns: [{ key: 'a', label: hostile, content_type: 'linked_text' }], rows: [{ a: hostile, link_uri: 'javascript:window.hacked=1' }] },
        threat_map: [{ coordinates: [1, 1], ip_address: hostile, hostname: hostile, volume: 'x' }],
      }[type];
      return route.fulfill({ json: { data: data ? { data } : { data: [{ key: 0, label: hostile, value: 1, link_uri: 'javascript:window.hacked=1', values: [{ key: hostile, value: 1 }] }], keys: [{ key: hostile, label: hostile }], labels: [[hostile]] } } });
    });
    const safe = async (where) => {
      const found = await page.evaluate(() => ({
        hacked: window.hacked,
        elements: [...document.querySelectorAll('main img, main script, main form:not(.chip-field), main iframe, dialog img')].map((e) => e.outerHTML),
        links: [...document.querySelectorAll('a[href]')].filter((a) => !/^https?:$/.test(a.protocol) || (a.host !== location.host && a.rel !== 'noopener noreferrer')).map((a) => a.outerHTML),
        reversed: document.body.innerText.includes('\u202E'),
      }));
      assert.deepEqual(found, { hacked: undefined, elements: [], links: [], reversed: false }, where);
    };
    await ask(page, '192.0.2.1');
    await page.getByRole('article').getByText('onerror=').first().waitFor();
    await safe('details');
    await page.getByRole('button', { name: 'Graph' }).click();
    await page.getByRole('button', { name: 'As a table' }).click();
    await safe('graph');
    await page.getByRole('button', { name: 'Details' }).click();
    await page.getByRole('button', { name: 'Links and actions' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /onerror/ }).waitFor();
    await safe('pivot menu');
    const [sent] = await Promise.all([
      page.waitForRequest('**/respond/trigger'),
      page.getByRole('dialog').getByRole('button', { name: /onerror/ }).click().then(() => page.keyboard.press('Enter')),
    ]);
    assert.equal(sent.postDataJSON().observable_value, hostile); // as it came
    await page.keyboard.press('Escape');
    await go(page, 'Tiles');
    await page.locator('.markdown').waitFor();
    await safe('tiles');
    for (const button of await page.getByRole('button', { name: 'Table' }).all()) await button.click();
    await safe('tables of tiles');
  });

  inPage(
    'a slow and a failing provider',
    async (page) => {
      let release;
      const held = new Promise((resolve) => (release = resolve));
      await page.route('**/observe/observables', async (route) => {
        const [{ value }] = route.request().postDataJSON();
        if (value === '192.0.2.1') return route.fulfill({ status: 502, body: 'Bad Gateway' });
        if (value === '192.0.2.2') return route.fulfill({ json: { data: hostileFindings({ type: 'ip', value }), errors: [{ type: 'warning', code: 'too many requests', message: 'The quota is used up.' }] } });
        if (value === '192.0.2.3') return route.abort();
        if (value === '192.0.2.5') return route.fulfill({ json: { data: {}, errors: [{ type: 'fatal', code: 'connection error', message: 'It is down.' }] } });
        await held;
        return route.fulfill({ json: { data: {} } }).catch(() => undefined); // it was stopped
      });
      await paste(page, '192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5');
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await line(page, '192.0.2.4').getByText('asking').waitFor();
      await line(page, '192.0.2.1').getByText('error').waitFor();
      await line(page, '192.0.2.1').click();
      await page.getByText('HTTP status 502').waitFor();
      await line(page, '192.0.2.2').click();
      await page.getByText('The quota is used up.').waitFor();
      await page.locator('.detail .badge.malicious').first().waitFor(); // what came with the warning
      await line(page, '192.0.2.3').click();
      await page.getByText('The relay does not answer').waitFor();
      await audit(page, 'errors');
      await line(page, '192.0.2.5').click();
      await page.getByText('It is down.').waitFor();
      assert.equal(await page.getByText('Nothing is known about it.').count(), 0);
      await page.getByRole('button', { name: 'Stop' }).click();
      await line(page, '192.0.2.4').getByText('error').waitFor();
      release();
    },
    { expected: /Failed to load resource/ },
  );

  inPage('every tile in every period, drawn and as a table', async (page) => {
    await withTiles(page);
    const asked = new Set();
    page.on('request', (request) => request.url().endsWith('/tile-data') && asked.add(Object.values(request.postDataJSON()).join(' ')));
    await go(page, 'Tiles');
    await page.locator('.tile').nth(tiles.length - 1).waitFor();
    for (const { title, periods } of tiles) {
      const tile = page.getByRole('article', { name: title, exact: true });
      for (const name of periods) {
        await Promise.all([page.waitForResponse('**/tile-data'), tile.getByLabel(`Period of ${title}`).selectOption(name)]).catch(() => undefined); // it is already shown
        if (name === periods[1]) break; // the others are options of the same list
      }
      assert.equal(await tile.getByRole('option').count(), periods.length);
      const table = tile.getByRole('button', { name: 'Table' });
      if (await table.count()) await table.click();
      await tile.getByRole('table').waitFor();
      assert.ok((await tile.getByRole('row').count()) > 1, title);
    }
    assert.ok(asked.size >= tiles.length * 2, [...asked].join());
    await page.getByLabel('Filter Host').fill('ws');
    await page.getByText('2 rows').waitFor();
    await audit(page, 'tables of tiles');
  });

  inPage('tiles without data say so', async (page) => {
    await withTiles(page);
    await page.route('**/tiles/tile-data', (route) => {
      const table = route.request().postDataJSON().tile_id === 'data_table';
      return route.fulfill({ json: { data: { data: table ? { columns: [{ key: 'a', label: 'A', content_type: 'text' }], rows: [] } : [] } } });
    });
    await go(page, 'Tiles');
    await page.getByText('No data in this period.').nth(tiles.length - 1).waitFor();
    assert.equal(await page.getByText(/ to UTC/).count(), 0);
  });

  inPage('the graph', async (page) => {
    await page.getByRole('button', { name: 'Sample' }).click();
    await page.getByRole('button', { name: 'Graph' }).click();
    const status = page.locator('.graph [role=status]');
    const nodes = async () => Number(/^(\d+)/.exec(await status.textContent())[1]);
    const groups = await nodes();
    const drawn = (than, n) => page.waitForFunction(([sign, m]) => (Number.parseInt(document.querySelector('.graph [role=status]').textContent, 10) - m) * sign > 0, [than === 'more' ? 1 : -1, n]);
    await page.getByLabel('Group from 20 nodes').uncheck();
    await drawn('more', groups);
    const all = await nodes();
    await page.locator('.types label', { hasText: 'judgement' }).click();
    await drawn('fewer', all);
    await page.getByRole('button', { name: 'Highlight malware' }).click();
    for (const layout of ['concentric', 'levels', 'circle', 'grid', 'force']) await page.getByLabel('Layout').selectOption({ label: layout });
    for (const name of ['Fit', 'Zoom in', 'Zoom out', 'Full window']) await page.getByRole('button', { name }).click();
    await page.locator('.graph.whole .drawing canvas').first().waitFor();
    await page.keyboard.press('Escape');
    await audit(page, 'graph');
    await page.getByRole('button', { name: 'As a table' }).click();
    await page.getByRole('region', { name: 'Relations' }).getByRole('cell', { name: 'indicates' }).first().waitFor();
    await audit(page, 'table of the graph');
  });

  inPage('a thousand observables', async (page) => {
    const many = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join('\n');
    await ask(page, `${many}\n192.0.2.66`);
    assert.equal(await page.locator('.line').count(), 1001);
    await page.locator('.list li:first-child .line.malicious', { hasText: '192.0.2.66' }).click();
    await page.keyboard.press('End');
    await page.locator('.line').last().and(page.locator(':focus')).waitFor();
    const drawn = await page.evaluate(() => [...document.querySelectorAll('.list li')].filter((li) => li.firstElementChild.checkVisibility({ contentVisibilityAuto: true })).length);
    assert.ok(drawn < 200, `${drawn} lines are drawn`);
    await page.getByRole('button', { name: 'Graph' }).click();
    await page.locator('.drawing canvas').first().waitFor();
  });

  inPage('module and inspector', async (page, context) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await ask(page, '192.0.2.66');
    await go(page, 'Module');
    await page.locator('.health.clean', { hasText: 'ok' }).waitFor();
    await page.getByText('WATCHLIST_FILE').first().waitFor();
    await page.getByText('/respond/trigger').waitFor();
    await page.getByText('The form that a person fills in').click();
    await page.getByText('Authorization header *').waitFor();
    await audit(page, 'module');
    await go(page, 'Inspector');
    await page.locator('.line', { hasText: '/observe/observables' }).click();
    await page.getByLabel('Request body').fill('[{"type":"ip","value":""}]');
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(command, /^curl -s -X POST 'http:\/\/127\.0\.0\.1:\d+\/observe\/observables'/);
    assert.match(command, /Bearer \$TOKEN/);
    assert.ok(!command.includes('eyJ'), command);
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('region', { name: 'Answer' }).getByText('Field may not be blank').waitFor();
    await page.locator('summary', { hasText: 'Token' }).click();
    await page.getByText('HS256').waitFor();
    const claims = { alg: 'HS256', typ: 'JWT' };
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    await page.getByLabel('Look into another token').fill(`${part(claims)}.${part({ AuthKey: 'hunter2', exp: 4102444800 })}.x`);
    await page.getByText('AuthKey').waitFor();
    await page.getByText('2100-01-01').waitFor();
    assert.equal(await page.getByText('hunter2').count(), 0);
    await audit(page, 'inspector');
  });

  for (const [width, colorScheme] of [[320, 'dark'], [1920, 'light']]) {
    inPage(
      `no barriers at ${width} pixels, ${colorScheme}`,
      async (page) => {
        await audit(page, 'empty');
        await ask(page);
        await audit(page, 'details');
        await page.getByRole('button', { name: 'Links and actions' }).click();
        await page.getByRole('dialog').getByRole('link').first().waitFor();
        await audit(page, 'pivot menu');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Table' }).click();
        await audit(page, 'table');
        await withTiles(page);
        await go(page, 'Tiles');
        await page.locator('.tile .content > *').nth(7).waitFor();
        await audit(page, 'tiles');
        await go(page, 'Module');
        await page.locator('.health.clean').waitFor();
        await audit(page, 'module');
        await go(page, 'Inspector');
        await audit(page, 'inspector');
      },
      { viewport: { width, height: 900 }, colorScheme },
    );
  }

  test('without a token, the page asks for one', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(new URL('/', served.url).href);
    await page.getByText('The relay needs a token.').waitFor();
    await audit(page, 'without a token');
    await page.getByLabel('or paste a token').fill(new URL(served.url).hash.replace('#token=', 'Bearer '));
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('The relay needs a token.').waitFor({ state: 'detached' });
    await page.getByText('Watchlist · relay').waitFor();
    await context.close();
  });
});
