// Any version is back in seconds, and versions only rise.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { digests, edit } from './lib/files.mjs';
import { sampleSite } from './lib/site.mjs';

const title = (text) => /<title>(.*?)( – [^<]*)?<\/title>/.exec(text)[1];
let site, oakland, german;
const en = '/weather/en-us/oakland.html', de = '/weather/de-de/oakland.html';
const pages = {}; // version -> { en, de }: the bytes that readers got when it was new

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/weather/de-de'] });
	oakland = site.path('documents/weather/en-us/oakland.xml');
	german = site.path('documents/weather/de-de/oakland.xml');
	await site.must('publish');
	await site.serve();
	await remember();
	edit(oakland, ['<title>Oakland forecast', '<title>Oakland outlook']);
	edit(german, ['<responsible>Edgepress Sample Newsroom', '<responsible>Edgepress Second Desk']);
	await site.must('publish');
	await remember();
	edit(oakland, ['<title>Oakland outlook', '<title>Oakland preview']);
	await site.must('publish');
	await remember();
});

async function remember() {
	pages[site.version()] = { en: await site.page(en), de: await site.page(de) };
}

test('history lists every version that can be rolled back to', async () => {
	const history = await site.json('history');
	const text = JSON.stringify(history);
	assert.deepEqual(Object.keys(pages), ['1', '2', '3']);
	const versions = (history.versions ?? history).map((one) => one.version);
	for (const version of [1, 2, 3])
		assert.ok(versions.includes(version), `${version} in ${text}`);
});

test('every version has an address of its own that keeps its bytes', async () => {
	for (const [version, was] of Object.entries(pages)) {
		assert.equal(await site.page(`/@${version}${en}`), was.en);
		const { headers } = await site.get(`/@${version}${en}`);
		assert.match(headers['cache-control'], /immutable/);
	}
	assert.equal((await site.get(`/@99${en}`)).status, 404);
	assert.equal((await site.get(`/@0${en}`)).status, 404);
});

test('rollback brings all bundles back, byte for byte, under a higher version', async () => {
	await site.must('rollback', 'local', '--to', '1');
	assert.equal(site.version(), 4);
	assert.equal(await site.page(en), pages[1].en);
	assert.equal(await site.page(de), pages[1].de);
	await site.must('verify', site.url);
	await site.must('verify', 'local');
});

test('rollback of one bundle leaves the others as they are', async () => {
	await site.must('rollback', 'local', '--to', '3', 'weather/en-us');
	assert.equal(site.version(), 5);
	assert.equal(await site.page(en), pages[3].en);
	assert.equal(await site.page(de), pages[1].de);
	await site.must('verify', site.url);
});

test('status tells what is live after a rollback', async () => {
	const status = await site.json('status');
	assert.equal(status.version, 5);
	assert.equal(status.bundles.length, 2);
	const { stdout } = await site.must('status');
	assert.match(stdout, /weather\/en-us/);
	assert.match(stdout, /\b5\b/);
});

test('the versions before a rollback keep their addresses', async () => {
	for (const [version, was] of Object.entries(pages)) {
		assert.equal(await site.page(`/@${version}${en}`), was.en, `/@${version}`);
		assert.equal(await site.page(`/@${version}${de}`), was.de, `/@${version}`);
	}
});

test('rollback to a version that never was fails, says what is live, and changes nothing', async () => {
	const was = digests(site.store);
	const { code, stderr } = await site.run('rollback', 'local', '--to', '77');
	assert.equal(code, 1, stderr);
	assert.match(stderr, /77/);
	assert.match(stderr, /\b5\b/);
	const unknown = await site.run('rollback', 'local', '--to', '1', 'weather/fr-fr');
	assert.equal(unknown.code, 1, unknown.stderr);
	assert.match(unknown.stderr, /weather\/fr-fr/);
	assert.deepEqual(digests(site.store), was);
});

test('rollback to what is live already changes nothing', async () => {
	const version = site.version();
	await site.must('rollback', 'local', '--to', String(version));
	assert.equal(site.version(), version);
});

test('a publish after a rollback makes what the documents say live again', async () => {
	await site.must('publish');
	assert.equal(title(await site.page(en)), title(pages[3].en));
	assert.equal(await site.page(de), pages[3].de);
	assert.ok(site.version() > 5);
	await site.must('verify', site.url);
});

test('rollback takes away a bundle that did not exist at that version, and it can be undone', async () => {
	const two = await sampleSite({ documents: ['documents/weather/en-us', 'documents/finance/de-de'] });
	await two.must('publish', 'local', 'documents/weather/en-us');
	const alone = two.version();
	await two.must('publish');
	const both = two.version();
	await two.serve();
	const german = '/finance/de-de/index.html';
	const was = await two.page(german);
	await two.must('rollback', 'local', '--to', String(alone));
	const { status: code } = await two.get(german);
	assert.ok(code === 404 || code === 410, `${code}`);
	await two.page('/weather/en-us/index.html');
	await two.must('verify', two.url);
	await two.must('rollback', 'local', '--to', String(both));
	assert.equal(await two.page(german), was);
	await two.must('verify', two.url);
	await two.stop();
});
