// What was good stays live until something better is published.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { digests, edit } from './lib/files.mjs';
import { sampleSite, weather } from './lib/site.mjs';

let site, oakland, good;
before(async () => {
	site = await sampleSite({ documents: weather });
	oakland = site.path('documents/weather/en-us/oakland.xml');
	good = readFileSync(oakland, 'utf8');
	await site.must('publish');
	await site.serve();
});

// Where readers see the document's title.
const places = ['oakland.html', 'index.html', 'index.json', 'feed.atom', 'feed.json', 'oakland.fragment.html', 'oakland.card.json'];

async function readersSee(title) {
	for (const place of places)
		assert.ok((await site.page(`/weather/en-us/${place}`)).includes(title), `${place} shows "${title}"`);
	assert.match(await site.page('/weather/en-us/sitemap.xml'), /oakland\.html/);
}

async function readersDoNotSee(text) {
	for (const place of [...places, 'sitemap.xml'])
		assert.ok(!(await site.page(`/weather/en-us/${place}`)).includes(text), `${place} shows "${text}"`);
}

const old = 'Oakland forecast: sunny, up to 64 °F';
const broken = [
	['a number that its facts do not hold', 'grounding', [['with a high of 64 °F', 'with a high of 93 °F'], [old, 'Oakland is too hot']]],
	['markup that is not well-formed', null, [['</prose>', '</pros>'], [old, 'Oakland is too hot']]],
	['a value that its schema does not know', 'schema', [['<condition>clear</condition>', '<condition>sunshine</condition>'], [old, 'Oakland is too hot']]],
];
for (const [what, gate, changes] of broken) {
	test(`a document broken by ${what} leaves its last good version live, on its page and in every list`, async () => {
		edit(oakland, ...changes);
		const { code, stderr } = await site.run('publish');
		assert.equal(code, 0, stderr);
		assert.match(stderr, new RegExp(`oakland\\.xml:\\d+: refused: ${gate ?? ''}`));
		await readersSee(old);
		await readersDoNotSee('Oakland is too hot');
		await site.must('verify', site.url);
		writeFileSync(oakland, good);
	});
}

test('a broken document does not hold up the others of its publish', async () => {
	edit(oakland, ['with a high of 64 °F', 'with a high of 93 °F']);
	edit(site.path('documents/weather/en-us/guam.xml'), ['<title>Guam', '<title>The island of Guam']);
	await site.must('publish');
	await readersSee(old);
	assert.match(await site.page('/weather/en-us/guam.html'), /The island of Guam/);
	assert.match(await site.page('/weather/en-us/index.html'), /The island of Guam/);
	writeFileSync(oakland, good);
});

test('the mended document replaces the last good version everywhere', async () => {
	edit(oakland, [old, 'Oakland forecast: fair, up to 64 °F']);
	await site.must('publish');
	await readersSee('Oakland forecast: fair, up to 64 °F');
	await readersDoNotSee(old);
	writeFileSync(oakland, good);
	await site.must('publish');
	await readersSee(old);
});

test('a document that is no longer there disappears from its page and from every list', async () => {
	rmSync(oakland);
	await site.must('publish');
	for (const place of ['oakland.html', 'oakland.card.json', 'oakland.data.json', 'oakland.fragment.html']) {
		const { status } = await site.get(`/weather/en-us/${place}`);
		assert.ok(status === 404 || status === 410, `${place}: ${status}`);
	}
	for (const place of ['index.html', 'index.json', 'feed.atom', 'feed.json', 'sitemap.xml'])
		assert.doesNotMatch(await site.page(`/weather/en-us/${place}`), /oakland/i, place);
	await site.must('verify', site.url);
	writeFileSync(oakland, good);
	await site.must('publish');
	await readersSee(old);
});

test('--merge publishes one document and leaves the others live', async () => {
	const count = async () => JSON.parse(await site.page('/weather/en-us/index.json')).documents.length;
	const all = await count();
	edit(oakland, [old, 'Oakland forecast: merged, up to 64 °F']);
	await site.must('publish', 'local', '--merge', 'documents/weather/en-us/oakland.xml');
	await readersSee('Oakland forecast: merged, up to 64 °F');
	assert.equal(await count(), all);
	writeFileSync(oakland, good);
	await site.must('publish', 'local', '--merge', '-', { input: good });
	await readersSee(old);
	assert.equal(await count(), all);
});

test('bundles that no document names are not touched', async () => {
	const two = await sampleSite({ documents: ['documents/weather/en-us', 'documents/weather/de-de'] });
	await two.must('publish');
	const was = two.bundle('weather/de-de').bytes;
	edit(two.path('documents/weather/en-us/oakland.xml'), [old, 'Oakland forecast: alone, up to 64 °F']);
	await two.must('publish', 'local', 'documents/weather/en-us');
	assert.deepEqual(two.bundle('weather/de-de').bytes, was);
	assert.match(JSON.stringify(two.bundle('weather/en-us').manifest), /Oakland forecast: alone/);
});

test('the guard stops a publish that would remove more than 30 % of a bundle, until it is told otherwise', async () => {
	const small = await sampleSite({ documents: weather });
	await small.must('publish');
	const live = small.bundle('weather/en-us').manifest.documents.length;
	const was = digests(small.store);
	for (const id of ['seattle-2012-11', 'seattle-2013-05', 'seattle-2014-02', 'seattle-2015-07', 'seattle-2015-12'])
		rmSync(small.path(`documents/weather/en-us/${id}.json`));
	assert.ok(5 / live > 0.3 && live - 5 > 1);
	const { code, stderr } = await small.run('publish');
	assert.equal(code, 5, stderr);
	assert.match(stderr, /max_removed = 30 %/);
	assert.match(stderr, /weather\/en-us/);
	assert.match(stderr, /--allow-large-change/);
	assert.deepEqual(digests(small.store), was);
	await small.must('publish', '--allow-large-change');
	assert.equal(small.bundle('weather/en-us').manifest.documents.length, live - 5);
});

test('removing less than 30 % of a bundle does not trip the guard', async () => {
	const small = await sampleSite({ documents: weather });
	await small.must('publish');
	for (const id of ['seattle-2012-11', 'seattle-2013-05', 'seattle-2014-02'])
		rmSync(small.path(`documents/weather/en-us/${id}.json`));
	await small.must('publish');
});

test('the guard stops a publish of which more than 20 % is refused, and nothing changes', async () => {
	const small = await sampleSite({ documents: weather });
	await small.must('publish');
	const was = digests(small.store);
	for (const id of ['new-york-2012-10', 'new-york-2013-08', 'new-york-2014-02', 'new-york-2015-07'])
		edit(small.path(`documents/weather/en-us/${id}.xml`), ['<grade>generated</grade>', '<grade>guessed</grade>']);
	edit(small.path('documents/weather/en-us/guam.xml'), ['<title>Guam', '<title>The island of Guam']);
	const { code, stderr } = await small.run('publish');
	assert.equal(code, 5, stderr);
	assert.match(stderr, /max_rejected = 20 %/);
	assert.deepEqual(digests(small.store), was);
	await small.must('publish', '--allow-large-change');
	const { manifest } = small.bundle('weather/en-us');
	assert.equal(manifest.documents.length, 13, 'the refused ones keep their last good version');
	assert.match(manifest.documents.find((one) => one.id === 'guam').title, /The island of Guam/);
});

test('[guard] of edgepress.ini sets its own limits', async () => {
	const strict = await sampleSite({ documents: weather });
	await strict.must('publish');
	writeFileSync(strict.path('edgepress.ini'), `${readFileSync(strict.path('edgepress.ini'), 'utf8')}
[guard]
max_removed = 10
max_rejected = 10
`);
	for (const id of ['seattle-2012-11', 'seattle-2013-05'])
		rmSync(strict.path(`documents/weather/en-us/${id}.json`));
	assert.equal((await strict.run('publish')).code, 5);
});

test('when a document that was refused does not say which one it is, nothing is removed in that run', async () => {
	const small = await sampleSite({ documents: weather });
	await small.must('publish');
	rmSync(small.path('documents/weather/en-us/guam.xml'));
	writeFileSync(small.path('documents/weather/en-us/oakland.xml'), 'An agent that writes no document.\n');
	await small.must('publish');
	const ids = () => small.bundle('weather/en-us').manifest.documents.map(({ id }) => id);
	assert.ok(ids().includes('guam') && ids().includes('oakland'), `${ids()}`);
	writeFileSync(small.path('documents/weather/en-us/oakland.xml'), good);
	await small.must('publish');
	assert.ok(!ids().includes('guam') && ids().includes('oakland'), `${ids()}`);
});

test('a last good version stays until it expires, and no longer', async () => {
	const small = await sampleSite({ documents: weather });
	const now = Date.now();
	const instant = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
	const file = small.path('documents/weather/en-us/oakland.xml');
	writeFileSync(file, good.replace(/<updated>[^<]*/, `<updated>${instant(now - 25 * 3600e3)}`)
		.replace(/<retrieved>[^<]*/, `<retrieved>${instant(now - 25 * 3600e3)}`)
		.replace(/<expires>[^<]*/, `<expires>${instant(now - 3600e3)}`));
	await small.must('publish', { env: { SOURCE_DATE_EPOCH: String(Math.floor(now / 1000) - 24 * 3600) } });
	const ids = () => small.bundle('weather/en-us').manifest.documents.map(({ id }) => id);
	assert.ok(ids().includes('oakland'));
	edit(file, ['with a high of 64 °F', 'with a high of 93 °F']);
	await small.must('publish');
	assert.ok(!ids().includes('oakland'), `${ids()}`);
	assert.ok(ids().includes('guam'));
});
