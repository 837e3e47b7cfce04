// Makes the pictures of the page in docs/pictures, as WebP. Needs npm ci and a Chromium.
//
//   node scripts/pictures.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './go.mjs';
import { withTiles } from './page/answers.mjs';
import { findBrowser, startBrowser } from './page/browser.mjs';
import { servePage } from './page/served.mjs';

const viewport = { width: 1240, height: 780 };
const mail = `A user clicked hxxps://cdn.malware[.]example[.]com/stage2 and http://malware.example.com/stage2.bin.
Beacons went to 192[.]0[.]2[.]66 and 198.51.100.14, and the mail came from invoice[@]phishing.example.net.
Our scanner is 203.0.113.10. The attachment is 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f; see also www.example.org.`;

const ask = async (page) => {
  await page.fill('#text', mail);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.locator('.line', { hasText: '203.0.113.10' }).getByText('clean').waitFor();
};

/** What each picture shows: the colours, and how to get there. */
const scenes = {
  investigate: [
    'light',
    async (page) => {
      await ask(page);
      await page.locator('.line', { hasText: 'stage2.bin' }).click();
      await page.getByRole('article').getByText('ExampleRAT').first().waitFor();
    },
  ],
  pivot: [
    'light',
    async (page) => {
      await ask(page);
      await page.locator('.line', { hasText: '198.51.100.14' }).click();
      await page.getByRole('button', { name: 'Links and actions' }).click();
      await page.getByRole('dialog').getByRole('link').first().waitFor();
    },
  ],
  graph: [
    'dark',
    async (page) => {
      await page.getByRole('button', { name: 'Sample' }).click();
      await page.getByText('Opened').waitFor({ state: 'attached' });
      await page.getByRole('button', { name: 'Graph' }).click();
      await page.locator('.drawing canvas').first().waitFor();
      await page.getByText('Opened').waitFor({ state: 'detached' });
    },
  ],
  tiles: [
    'dark',
    async (page) => {
      await withTiles(page);
      await page.getByRole('link', { name: 'Tiles' }).click();
      await page.locator('.map circle').first().waitFor();
      await page.locator('.tile canvas').nth(3).waitFor();
      await page.evaluate(() => document.getElementById('main').blur());
    },
  ],
};

/** The picture as WebP, which is smaller than PNG and exact enough. */
async function webp(page, png) {
  const url = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.72);
  }, png.toString('base64'));
  return Buffer.from(url.split(',')[1], 'base64');
}

const executable = findBrowser();
if (!executable) throw new Error('There is no chromium: install it, or set CHROMIUM to its path.');
const folder = join(root, 'docs', 'pictures');
mkdirSync(folder, { recursive: true });
const [served, browser] = await Promise.all([servePage(), startBrowser(executable)]);
const blank = await browser.newPage();
let total = 0;
for (const [name, [colorScheme, prepare]] of Object.entries(scenes)) {
  const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1.25 });
  const page = await context.newPage();
  await page.goto(served.url);
  await prepare(page);
  const picture = await webp(blank, await page.screenshot({ animations: 'disabled' }));
  writeFileSync(join(folder, `${name}.webp`), picture);
  total += picture.length;
  console.log(`${name}.webp ${(picture.length / 1024).toFixed(0)} KB`);
  await context.close();
}
await browser.close();
await served.stop();
console.log(`${(total / 1024).toFixed(0)} KB together`);
