// What a run makes depends on its input alone: not on threads, the order of files, the clock's
// zone, nor on what an earlier run left in the cache.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digests, edit, list } from './lib/files.mjs';
import { sampleSite } from './lib/site.mjs';

const site = await sampleSite();
const cache = site.path('.edgepress/cache');
let outs = 0;

// Render into a new folder; what it holds, and what the command said.
async function rendered(...args) {
	const out = site.path(`out-${++outs}`);
	const result = await site.run('render', '--out', out, ...args);
	assert.ok([0, 3].includes(result.code), result.stderr);
	return { files: digests(out), ...result };
}

// A stamp proves nothing while its file is younger than two seconds.
function settle() {
	const then = new Date(Date.now() - 60000);
	for (const path of list(site.path('documents')))
		utimesSync(site.path('documents', path), then, then);
}

const { files: expected } = await rendered('--no-cache', '--jobs', '1');

test('one, two and seven threads make the same bytes', async () => {
	assert.ok(Object.keys(expected).length > 1000);
	for (const jobs of ['2', '7'])
		assert.deepEqual((await rendered('--no-cache', '--jobs', jobs)).files, expected);
});

test('a cold cache, a warm one, another zone and language make the same bytes', async () => {
	assert.ok(!existsSync(cache));
	assert.deepEqual((await rendered()).files, expected);
	assert.ok(existsSync(join(cache, 'index')));
	assert.deepEqual((await rendered('--jobs', '1', { env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' } })).files, expected);
});

test('the order in which paths are named changes nothing', async () => {
	const folders = readdirSync(site.path('documents')).map((name) => `documents/${name}`);
	assert.deepEqual((await rendered('--no-cache', ...folders)).files, expected);
	assert.deepEqual((await rendered('--no-cache', ...folders.reverse())).files, expected);
});

test('nothing that did not change is read or written down again', async () => {
	settle();
	await rendered();
	settle(); // the change of the stamps is a change
	await rendered();
	const packs = () => readdirSync(cache).filter((name) => name.startsWith('pack-'))
		.map((name) => statSync(join(cache, name)).size);
	const before = packs();
	await rendered();
	await site.must('check');
	assert.deepEqual(packs(), before);
});

test('a changed document changes its own files and lists alone, and back again', async () => {
	const path = site.path('documents/weather/en-us/oakland.xml');
	const was = readFileSync(path);
	edit(path, ['<title>Oakland forecast', '<title>Oakland outlook!']);
	const { files } = await rendered();
	assert.deepEqual(files, (await rendered('--no-cache')).files);
	const changed = Object.keys(files).filter((name) => files[name] !== expected[name]);
	assert.ok(changed.includes('weather/en-us/oakland.html'));
	assert.ok(changed.every((name) => /^weather\/en-us\/(oakland\.|index\.|feed\.|sitemap\.|widgets\.webmanifest$)/.test(name)), changed.join());
	writeFileSync(path, was);
	assert.deepEqual((await rendered()).files, expected);
});

test('a document that appears in one language changes the links of the others', async () => {
	const path = site.path('documents/weather/de-de/guam.xml');
	const was = readFileSync(path);
	rmSync(path);
	const { files } = await rendered();
	assert.deepEqual(files, (await rendered('--no-cache')).files);
	assert.notEqual(files['weather/en-us/guam.html'], expected['weather/en-us/guam.html']);
	writeFileSync(path, was);
	assert.deepEqual((await rendered()).files, expected);
});

test('a change of policy or template is seen at once', async () => {
	mkdirSync(site.path('schemas'), { recursive: true });
	const own = site.path('schemas/weather.ini');
	const was = existsSync(own) ? readFileSync(own) : null;
	writeFileSync(own, `${was ?? ''}\n[forbidden]\nen = Oakland\n`);
	const { stderr } = await rendered();
	assert.match(stderr, /oakland\.xml:\d+: refused: forbidden/);
	if (was === null)
		rmSync(own);
	else
		writeFileSync(own, was);
	mkdirSync(site.path('templates/weather/document'), { recursive: true });
	writeFileSync(site.path('templates/weather/document/{id}.txt'), '{{title}}\n');
	const { files } = await rendered();
	assert.ok(files['weather/en-us/oakland.txt']);
	rmSync(site.path('templates'), { recursive: true });
	assert.deepEqual((await rendered()).files, expected);
});

test('an expired document is refused although the cache knows it as good', async () => {
	const later = String(Date.UTC(2037, 0, 1) / 1000);
	const { stderr } = await rendered({ env: { SOURCE_DATE_EPOCH: later } });
	assert.match(stderr, /oakland\.xml:\d+: refused: freshness/);
	assert.deepEqual((await rendered()).files, expected);
});

test('a cache that is damaged in any place, cut off or deleted costs nothing but time', async () => {
	const pack = () => join(cache, readdirSync(cache).find((name) => name.startsWith('pack-')));
	const spoil = (path, step) => {
		const bytes = readFileSync(path);
		for (let at = 100; at < bytes.length; at += step)
			bytes[at] ^= 0x55;
		writeFileSync(path, bytes);
	};
	const damages = [
		() => spoil(join(cache, 'index'), 1000),
		() => spoil(pack(), 50000),
		() => spoil(pack(), 997),
		() => truncateSync(pack(), statSync(pack()).size >> 1),
		() => truncateSync(join(cache, 'index'), 1000),
		() => rmSync(pack()),
		() => rmSync(join(cache, 'index')),
		() => rmSync(cache, { recursive: true }),
	];
	for (const damage of damages) {
		await rendered();
		damage();
		assert.deepEqual((await rendered()).files, expected, damage.toString());
	}
});

test('a published file never comes from a damaged cache', async () => {
	const other = await sampleSite({ documents: ['documents/weather/en-us'] });
	await other.must('render', '--dry-run');
	const folder = other.path('.edgepress/cache');
	const pack = join(folder, readdirSync(folder).find((name) => name.startsWith('pack-')));
	const text = readFileSync(pack);
	for (let at = text.indexOf('<!DOCTYPE html>'); at >= 0; at = text.indexOf('<!DOCTYPE html>', at + 1))
		text[at + 300] ^= 1;
	writeFileSync(pack, text);
	const { stderr } = await other.must('publish');
	assert.match(stderr, /once more, without the cache/);
	await other.must('verify');
});

test('two runs at once share one cache', async () => {
	rmSync(cache, { recursive: true, force: true });
	const both = await Promise.all([rendered(), rendered()]);
	for (const { files } of both)
		assert.deepEqual(files, expected);
	assert.deepEqual((await rendered()).files, expected);
});

test('a folder that cannot be written is as good as no cache', async () => {
	writeFileSync(site.path('a-file'), '');
	assert.deepEqual((await rendered('--cache', 'a-file')).files, expected);
	cpSync(cache, site.path('elsewhere'), { recursive: true });
	assert.deepEqual((await rendered('--cache', 'elsewhere')).files, expected);
});
