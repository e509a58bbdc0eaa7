// A document that was taken down is gone at once, everywhere, until that is lifted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { edit, list, readJson } from './lib/files.mjs';
import { decoded } from './lib/headers.mjs';
import { freePort } from './lib/http.mjs';
import { sampleSite } from './lib/site.mjs';
import { Varnish, addEdge } from './lib/varnish.mjs';

const documents = ['documents/weather/en-us', 'documents/weather/de-de'];
const bundle = 'weather/en-us', id = 'oakland', name = `${bundle}/${id}`;
const page = `/${name}.html`, sibling = '/weather/en-us/guam.html';
const reason = 'wrong numbers “again”';
let site, edge, was, other;
before(async () => {
	site = await sampleSite({ documents });
	const port = await freePort();
	addEdge(site, 'west', `http://127.0.0.1:${port}`, { settle: '300ms' });
	await site.run('publish');
	await site.serve();
	edge = await Varnish.inFront(site.port, { port });
	await site.must('publish');
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	await site.must('publish');
	was = site.bundle(bundle).manifest;
	other = site.bundle('weather/de-de').bytes.toString();
});
after(async () => {
	await edge?.stop();
	await site?.stop();
});

const files = (manifest = was) => manifest.files.filter((file) => file.document === id);
const lists = (manifest = was) => manifest.files.filter((file) => !file.document && !file.immutable);
const telling = () => lists().filter((file) => blob(file.sha256).toString().includes(id));
const blob = (sha256) => readFileSync(join(site.store, 'blobs', sha256.slice(0, 2), sha256));
const url = (file) => `/${bundle}/${file.path}`;
const takedown = (...args) => site.json('takedown', 'local', name, '--reason', reason, ...args);

// Every URL that leads to the document, and what lists of older versions say of it.
const gone = () => [...files().map(url), ...files().map((file) => `/@2${url(file)}`), ...files().map((file) => `/@1${url(file)}`),
	...files().map((file) => `/blobs/${file.sha256}`), ...files().filter((file) => file.gzip).map((file) => `/blobs/${file.gzip.sha256}.gz`),
	`/blobs/${was.documents.find((one) => one.id === id).source.sha256}`, ...telling().map((file) => `/@2${url(file)}`), '/@2/weather/en-us/'];

async function isGone(get) {
	for (const path of gone()) {
		const answer = await get(path);
		assert.equal(answer.status, 410, path);
		assert.match(answer.headers['content-type'], /^application\/problem\+json/, path);
		assert.equal(JSON.parse(decoded(answer)).status, 410);
		assert.match(answer.headers['cache-control'], /max-age=60\b/, path);
		assert.ok(!decoded(answer).toString().includes(id), `${path} says no more`);
	}
}

test('a dry run shows the plan and changes nothing', async () => {
	const version = site.version();
	const plan = await takedown('--dry-run');
	assert.equal(plan.dry_run, true);
	assert.equal(plan.documents, 1);
	assert.ok(plan.files.removed >= files().length);
	assert.equal(site.version(), version);
	assert.equal((await site.get(page)).status, 200);
});

test('a document nobody knows, a wrong name, or no reason: nothing is done', async () => {
	const version = site.version();
	for (const [code, ...args] of [[1, 'weather/en-us/atlantis', '--reason', 'x'], [2, 'weather', '--reason', 'x'], [2, name], [2, name, '--reason', ''], [2, name, '--reason', 'x'.repeat(501)], [2, '../x/y', '--reason', 'x']]) {
		const result = await site.run('takedown', 'local', ...args);
		assert.equal(result.code, code, `${args}: ${result.stderr}`);
	}
	assert.equal(site.version(), version);
});

test('it is gone at the origin and at the edge, in every form and every version, when takedown returns', async () => {
	const warm = [sibling, '/weather/de-de/guam.html'];
	for (const path of [...gone(), ...warm, ...lists().map(url)]) {
		await edge.get(path);
		assert.equal((await edge.get(path)).status < 400 || /^\/@1/.test(path), true, path);
	}
	const done = await takedown();
	assert.equal(done.documents, 1);
	assert.equal(done.lists, 'rendered');
	assert.ok(done.edges.every((one) => one.confirmed));
	await isGone((path) => edge.get(path));
	await isGone((path) => site.get(path));
	for (const path of warm)
		assert.ok(Varnish.hit(await edge.get(path)), `${path} stays where it is`);
});

test('no file of the bundle names it, lists are rendered without it, and all else has the same bytes', async () => {
	const { manifest } = site.bundle(bundle);
	assert.equal(files(manifest).length, 0);
	assert.ok(!manifest.documents.some((one) => one.id === id));
	assert.deepEqual(lists(manifest).map((file) => file.path), lists().map((file) => file.path), 'every list is there');
	for (const file of manifest.files)
		assert.ok(!/\boakland\b/i.test(blob(file.sha256).toString()), `${file.path} names it`);
	const rest = (all) => all.filter((file) => file.document && file.document !== id).map(({ path, sha256 }) => [path, sha256]);
	assert.deepEqual(rest(manifest.files), rest(was.files));
	assert.ok((await site.page('/weather/en-us/index.html')).includes('guam.html'));
	assert.equal(site.bundle('weather/de-de').bytes.toString(), other, 'other bundles are as they were');
});

test('who, when and why is in the signed manifest and in the log', async () => {
	const [tombstone, ...more] = site.bundle(bundle).manifest.tombstones;
	assert.deepEqual(more, []);
	assert.equal(tombstone.id, id);
	assert.equal(tombstone.reason, reason);
	assert.match(tombstone.who, /\S/);
	assert.ok(Math.abs(Date.parse(tombstone.since) - Date.now()) < 600000);
	const { commits } = await site.json('audit', 'local');
	assert.equal(commits.at(-1).kind, 'takedown');
	assert.match(commits.at(-1).note, /takedown of weather\/en-us\/oakland/);
	await site.must('verify', site.url);
});

test('a takedown of what is taken down does nothing', async () => {
	const version = site.version();
	const again = await takedown();
	assert.equal(again.changed, false);
	assert.equal(site.version(), version);
});

test('a publish that holds it refuses it by name and goes on with the rest', async () => {
	edit(site.path('documents/weather/en-us/guam.xml'), ['<responsible>', '<responsible>The ']);
	const result = await site.run('publish', '--report', 'report.sarif');
	assert.equal(result.code, 0, result.stderr);
	const [{ results, tool: { driver } }] = readJson(site.path('report.sarif')).runs;
	assert.ok(results.some((one) => one.ruleId === 'takedown' && driver.rules[one.ruleIndex].id === 'takedown'));
	assert.match(result.stderr, /oakland\.xml.*'oakland' was taken down at .* wrong numbers “again”/);
	assert.equal((await edge.get(page)).status, 410);
	assert.equal((await site.get('/weather/de-de/oakland.html')).status, 200, 'another locale');
	const merged = await site.run('publish', 'local', '--merge', 'documents/weather/en-us/oakland.xml');
	assert.equal(merged.code, 3, merged.stderr);
	await site.must('publish', 'local', '--merge', 'documents/weather/en-us/guam.xml');
	await isGone((path) => site.get(path));
	assert.equal(site.bundle(bundle).manifest.tombstones.length, 1);
});

test('a rollback to a version that had it does not bring it back, nor lists that name it', async () => {
	const done = await site.json('rollback', 'local', '--to', '2');
	assert.equal(done.changed, true);
	await isGone((path) => site.get(path));
	const { manifest } = site.bundle(bundle);
	for (const file of manifest.files)
		assert.ok(!/\boakland\b/i.test(blob(file.sha256).toString()), `${file.path} names it`);
	assert.deepEqual(lists(manifest).map((file) => file.path), lists().map((file) => file.path), 'lists are rendered anew');
	assert.equal(manifest.tombstones[0].id, id);
	assert.equal(await site.page(sibling), blob(was.files.find((file) => file.path === 'guam.html').sha256).toString());
	await site.must('verify', 'local');
	await site.must('publish');
});

test('lifted, it stays away until it is published, and then it is back, also at the edge', async () => {
	await edge.get(page);
	const lifted = await site.json('takedown', 'local', name, '--lift');
	assert.equal(lifted.documents, 1);
	assert.equal((await edge.get(page)).status, 404);
	assert.equal((await edge.get(`/@2${page}`)).status, 200);
	assert.equal(site.bundle(bundle).manifest.tombstones, undefined);
	assert.equal((await site.json('takedown', 'local', name, '--lift')).changed, false);
	await site.must('publish');
	assert.equal((await edge.get(page)).status, 200);
	assert.ok((await site.page('/weather/en-us/index.html')).includes('oakland.html'));
});

test('where lists cannot be rendered, those that name it are left out, and a publish brings them back', async () => {
	const done = await site.json('takedown', 'local', 'weather/oakland', '--reason', 'all locales', '--without-lists');
	assert.equal(done.documents, 2);
	assert.equal(done.lists, 'left out');
	for (const locale of ['en-us', 'de-de']) {
		assert.equal((await edge.get(`/weather/${locale}/oakland.html`)).status, 410);
		assert.equal((await edge.get(`/weather/${locale}/index.html`)).status, 404);
		for (const file of site.bundle(`weather/${locale}`).manifest.files)
			assert.ok(!/\boakland\b/i.test(blob(file.sha256).toString()) || file.document, `${file.path} names it`);
	}
	await site.must('publish');
	assert.equal((await edge.get('/weather/de-de/index.html')).status, 200);
	await site.must('takedown', 'local', 'weather/oakland', '--lift');
	await site.must('publish');
	assert.ok(list(site.store).length > 0);
});

test('the only document of a bundle can be taken down', async () => {
	const one = await sampleSite({ documents: ['documents/finance/de-de/usd-eur-2026-06.xml'] });
	await one.must('publish');
	await one.serve();
	const path = '/finance/de-de/usd-eur-2026-06.html';
	assert.equal((await one.get(path)).status, 200);
	await one.must('takedown', 'local', 'finance/usd-eur-2026-06', '--reason', 'x');
	assert.equal((await one.get(path)).status, 410);
	assert.equal((await one.get('/finance/de-de/index.html')).status, 404);
	assert.equal((await one.run('publish')).code, 3);
	await one.must('verify', 'local');
	await one.stop();
});
