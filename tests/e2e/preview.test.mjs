// edgepress preview: what an author sees while writing, in real Chromium.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { lowContrast, tab } from './lib/browser.mjs';
import { edit, list } from './lib/files.mjs';
import { get } from './lib/http.mjs';
import { edgepress, start, top, until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';

const oakland = '/weather/en-us/oakland.html';
let site, preview, url;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/weather/ar-sa'], keys: false });
	for (const name of ['grounding-temperature', 'schema-wind-in-words'])
		writeFileSync(site.path(`documents/weather/en-us/${name}.json`), readFileSync(join(top, `tests/site/wrong/${name}.json`), 'utf8').replace(/"id": *"[^"]*"/, `"id": "${name}"`));
	symlinkSync(join(top, 'tests/node_modules'), site.path('node_modules'));
	preview = start([edgepress, 'preview', '--listen', '127.0.0.1:0'], { cwd: site.dir });
	url = await until('its address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(preview.text('stdout'))?.[0]);
});
const index = async () => JSON.parse((await get(`${url}/-/preview/site.json`)).text);

function put(path, text) {
	mkdirSync(dirname(site.path(path)), { recursive: true });
	writeFileSync(site.path(path), text);
}

test('it serves the same bytes that render writes', async () => {
	assert.equal((await site.run('render', '--out', 'out')).code, 3); // two are refused
	for (const file of list(site.path('out')))
		assert.ok((await get(`${url}/${file}`)).body.equals(readFileSync(site.path('out', file))), file);
	assert.equal((await get(`${url}/weather/en-us/none.html`)).status, 404);
});

test('it answers this machine only: other names, other sites, other methods are refused', async () => {
	const port = new URL(url).port;
	assert.equal((await get(url, { headers: { host: 'evil.example' } })).status, 421);
	assert.equal((await get(url, { headers: { host: `evil.example:${port}` } })).status, 421);
	assert.equal((await get(url, { headers: { host: `localhost:${port}` } })).status, 200);
	assert.equal((await get(url, { headers: { host: `127.0.0.1:${port}`, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' } })).status, 403);
	assert.equal((await get(url, { method: 'POST', body: 'x' })).status, 405);
	for (const path of ['/../edgepress.ini', '/-/preview/../shared/partials/head.html', '/-/preview/%2e%2e/x', '/-/preview/library/../../x', '/edgepress.ini', '/-/preview/.git'])
		assert.equal((await get(url + path)).status, 404, path);
	assert.match(preview.text('stdout'), /127\.0\.0\.1/);
});

test('every document is there in every locale, surface, size and scheme, findings beside it', async () => {
	const { documents } = await index();
	const { page, wrong, close, shoot } = await tab({ width: 1900, height: 1400, scheme: 'dark' });
	await page.goto(`${url}/`);
	await page.waitForSelector('article iframe');
	assert.equal(await page.locator('article').count(), documents.length);
	await page.goto('about:blank');
	await page.goto(`${url}/#scheme=both&search=en-us/oakland`);
	const row = page.locator('article', { hasText: 'weather/en-us/oakland' });
	await row.scrollIntoViewIfNeeded();
	await row.locator('iframe').first().waitFor();
	assert.deepEqual(await row.locator('figcaption').allTextContents(), ['card', 'page', 'fragment'].flatMap((kind) => ['light', 'dark'].flatMap((scheme) => ['small', 'medium', 'large'].map((size) => `${kind} · ${size} · ${scheme}`))).concat('oakland.data.json'));
	const frames = async (part) => page.frames().filter((frame) => frame.url().includes(part));
	await until('cards', async () => (await Promise.all((await frames('id=oakland')).map((f) => f.locator('body[data-state=drawn]').count()))).filter(Boolean).length === 6);
	const scheme = (frame) => frame.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
	await until('both schemes', async () => new Set(await Promise.all((await frames('/oakland.html')).map(scheme))).size === 2);
	await page.fill('#search', '');
	await page.selectOption('#status', 'refused');
	assert.match(await page.locator('article', { hasText: 'en-us/grounding-temperature' }).locator('header').textContent(), /refused/);
	await until('the filter', async () => await page.locator('article').count() === 2);
	await until('its finding', async () => /grounding.*29 °F/s.test(await page.locator('.findings').first().textContent().catch(() => '')));
	assert.deepEqual(await page.evaluate(lowContrast), []);
	await shoot('preview-refused');
	assert.deepEqual(wrong.filter((line) => !/Markdown processing/.test(line)), []);
	await close();
});

test('keys move through it and search finds by words of title and finding', async () => {
	const { page, close } = await tab({ width: 1400, height: 900 });
	await page.goto(`${url}/`);
	await page.waitForSelector('article');
	await page.keyboard.press('j');
	await page.keyboard.press('j');
	assert.equal(await page.evaluate(() => [...document.querySelectorAll('article')].indexOf(document.activeElement)), 1);
	await page.keyboard.press('/');
	await page.keyboard.type('oakland en-us');
	await until('one row', async () => await page.locator('article').count() === 1);
	assert.match(page.url(), /search=oakland/);
	await page.keyboard.press('Escape');
	await page.keyboard.press('d');
	await until('dark frames', async () => await page.locator('.frame.dark').count() > 0);
	assert.deepEqual(await page.evaluate(lowContrast), []);
	await close();
});

test('a changed document, template or message shows by itself; errors show their lines', async () => {
	const { page, close, shoot } = await tab({ width: 1400, height: 900 });
	await page.goto(`${url}/#search=oakland+en-us&surface=page&size=small`);
	await page.waitForSelector('article iframe');
	const kept = (await page.locator('article').first().elementHandle());
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>', '<title>Changed: ']);
	await until('the new title', async () => /Changed:/.test(await page.locator('article h2').textContent()));
	assert.equal(await kept.evaluate((e) => e.isConnected), false);
	put('templates/weather/document/{id}.html', '<!DOCTYPE html>\n<html lang="en"><head><title>t</title></head>\n<body><p>{{facts.plase.name}}</p></body></html>\n');
	await until('the problem', async () => /no 'plase' in 'facts'; did you mean 'place'/.test(await page.locator('#problems').textContent()));
	assert.match(await page.locator('#problems pre').textContent(), /> +3 +<body><p>\{\{facts\.plase\.name/);
	await shoot('preview-problem');
	edit(site.path('templates/weather/document/{id}.html'), ['plase', 'place']);
	await until('the new page', async () => (await get(url + oakland)).text.includes('<p>Oakland</p>'));
	await until('no problem', async () => await page.locator('#problems .problem').count() === 0);
	await close();
});

test('a page in a tab of its own loads again by itself', async () => {
	const { page, wrong, close } = await tab();
	await page.goto(url + oakland);
	edit(site.path('templates/weather/document/{id}.html'), ['<p>', '<p>Hello ']);
	await page.waitForSelector('text=Hello Oakland');
	assert.deepEqual(wrong.filter((line) => !/favicon/.test(line)), []);
	await close();
});

test('a signal ends it with code 0 and nothing was written but the cache', async () => {
	preview.kill('SIGTERM');
	const { code, stderr } = await preview.ended;
	assert.deepEqual([code, stderr], [0, '']);
});
