// Widgets of a web app in Windows: the manifest's list of them, and the service worker's part.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import vm from 'node:vm';
import { tab } from './lib/browser.mjs';
import { edit } from './lib/files.mjs';
import { sampleSite } from './lib/site.mjs';

const { Template } = createRequire(import.meta.url)('adaptivecards-templating');
const bundles = ['weather/en-us', 'finance/ar-sa', 'sports/ja-jp'];
let site;
before(async () => {
	site = await sampleSite();
	edit(site.path('edgepress.ini'), ['url = http://127.0.0.1:8080', `url = ${site.url}`]);
	await site.must('publish');
	await site.serve();
});
const manifestOf = async (bundle) => JSON.parse(await site.page(`/${bundle}/widgets.webmanifest`));

// Width and height as a PNG's header says.
const sizeOf = (png) => `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`;

test('the manifest names a widget for each of the newest documents, and all it leads to is there', async () => {
	for (const bundle of bundles) {
		const { headers } = await site.get(`/${bundle}/widgets.webmanifest`);
		assert.equal(headers['content-type'], 'application/manifest+json');
		const manifest = await manifestOf(bundle);
		const index = JSON.parse(await site.page(`/${bundle}/index.json`));
		const [vertical, locale] = bundle.split('/');
		assert.equal(manifest.lang.toLowerCase(), locale);
		assert.equal(manifest.dir, locale === 'ar-sa' ? 'rtl' : 'ltr');
		assert.deepEqual(manifest.widgets.map(({ tag }) => tag), index.documents.map(({ id }) => `${vertical}-${locale}-${id}`));
		const pictures = new Map([...manifest.icons, ...manifest.widgets.flatMap(({ icons, screenshots }) => [...icons, ...screenshots])].map((p) => [p.src, p]));
		for (const { src, type, sizes } of pictures.values()) {
			const { status, headers, body } = await site.get(src);
			assert.equal(status, 200, src);
			assert.equal(headers['content-type'], type);
			if (type === 'image/png') {
				assert.equal(sizeOf(body), sizes, src);
				assert.ok(Number(sizes.split('x')[0]) <= 1024);
			}
		}
		assert.equal((await site.get(manifest.start_url)).status, 200);
		for (const widget of manifest.widgets) {
			for (const name of ['name', 'description', 'tag', 'template', 'ms_ac_template', 'data', 'type'])
				assert.equal(typeof widget[name], 'string', name);
			assert.ok(widget.update >= 60);
			assert.equal(widget.auth, false);
		}
		const { ms_ac_template: template, data } = manifest.widgets[0];
		const card = new Template(JSON.parse(await site.page(template))).expand({ $root: JSON.parse(await site.page(data)), $host: { widgetSize: 'small', hostTheme: 'dark' } });
		assert.equal(card.type, 'AdaptiveCard');
		assert.doesNotMatch(JSON.stringify(card), /\$\{/);
	}
});

test('Chromium reads the manifest without a complaint', async () => {
	const { page, close } = await tab();
	await page.route('**/app.html', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>x</title><link rel="manifest" href="/weather/en-us/widgets.webmanifest">' }));
	await page.goto(`${site.url}/app.html`);
	const session = await page.context().newCDPSession(page);
	const { errors, url, data } = await session.send('Page.getAppManifest');
	assert.equal(url, `${site.url}/weather/en-us/widgets.webmanifest`);
	assert.deepEqual(errors, []);
	assert.ok(data.length > 1000);
	await close();
});

// The worker of the site with a browser around it that Edge would be.
async function worker(bundle, installed) {
	const listeners = {}, updates = [], syncs = new Map();
	const self = {
		addEventListener: (name, listener) => { listeners[name] = listener; },
		widgets: {
			updateByTag: async (tag, payload) => { updates.push([tag, payload]); },
			getByTag: async (tag) => installed.find(({ definition }) => definition.tag === tag),
			matchAll: async () => installed,
		},
		registration: { periodicSync: { getTags: async () => [...syncs.keys()], register: async (tag, { minInterval }) => { syncs.set(tag, minInterval); }, unregister: async (tag) => { syncs.delete(tag); } } },
	};
	const fetched = (url) => site.get(url).then(({ status, body }) => ({ ok: status === 200, status, text: async () => body.toString() }));
	vm.runInNewContext(await site.page(`/${bundle}/widgets.js`), { self, fetch: fetched, Promise, Error });
	const fire = async (name, event = {}) => {
		let wait = Promise.resolve();
		listeners[name]({ ...event, waitUntil: (promise) => { wait = promise; } });
		await wait;
	};
	return { updates, syncs, fire };
}

test('the service worker fills a widget when it is put up, keeps it fresh, and stops when the last one is gone', async () => {
	const [{ tag, update, ms_ac_template: msAcTemplate, data }] = (await manifestOf('finance/de-de')).widgets;
	const widget = { definition: { tag, update, msAcTemplate, data }, instances: [{}] };
	const { updates, syncs, fire } = await worker('finance/de-de', [widget]);
	await fire('widgetinstall', { widget });
	assert.equal(updates.length, 1);
	const [was, payload] = updates[0];
	assert.equal(was, tag);
	assert.equal(payload.template, await site.page(msAcTemplate));
	assert.equal(payload.data, await site.page(data));
	assert.deepEqual([...syncs], [[tag, update * 1000]]);
	await fire('periodicsync', { tag });
	await fire('periodicsync', { tag: 'somebody-elses' });
	await fire('widgetresume', { widget });
	await fire('activate');
	assert.equal(updates.length, 4);
	await fire('widgetuninstall', { widget: { ...widget, instances: [{}, {}] } });
	assert.equal(syncs.size, 1);
	await fire('widgetuninstall', { widget });
	assert.equal(syncs.size, 0);
	await assert.rejects(fire('widgetresume', { widget: { definition: { tag, msAcTemplate, data: '/finance/de-de/none.data.json' } } }), /404/);
	assert.equal(updates.length, 4, 'a widget never shows an error page');
});
