// The same input gives the same bytes: elsewhere, at another time, in another form.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { blocks, readPage, section } from './lib/docs.mjs';
import { digests, list } from './lib/files.mjs';
import { sample, sampleSite, write } from './lib/site.mjs';

const parts = ['documents/weather/en-us', 'documents/weather/ja-jp.ndjson', 'documents/finance/ar-sa', 'documents/sports/de-de'];
const only = (all, pattern) => Object.fromEntries(Object.entries(all).filter(([path]) => pattern.test(path)));

test('two machines with other folders, clocks, time zones and languages make identical bundles', async () => {
	const one = await sampleSite({ documents: parts });
	const two = await sampleSite({ documents: [] });
	// The same documents under other names, made in another order, in other folders.
	const files = list(join(sample, 'documents'))
		.filter((path) => parts.some((part) => `documents/${path}`.startsWith(part))).reverse();
	assert.ok(files.length > 30);
	files.forEach((path, i) => {
		const to = two.path('documents', `z${i % 3}`, `${String(files.length - i).padStart(3, '0')}-${basename(path)}`);
		mkdirSync(join(to, '..'), { recursive: true });
		cpSync(join(sample, 'documents', path), to);
	});
	await one.must('publish', { env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'C' } });
	await two.must('publish', { env: { TZ: 'America/Adak', LC_ALL: 'tr_TR.UTF-8', LANG: 'ar_SA.UTF-8', LANGUAGE: 'ja' } });
	const [a, b] = [digests(one.store), digests(two.store)];
	assert.deepEqual(only(a, /^(blobs|targets|trees)\//), only(b, /^(blobs|targets|trees)\//));
	assert.ok(Object.keys(only(a, /^blobs\//)).length > 100);
	assert.equal(Object.keys(only(a, /^targets\/.*\.bundle\.json$/)).length, 4);
	const { inputs } = one.bundle('weather/en-us').manifest;
	for (const name of ['program', 'icu', 'cldr', 'zones', 'zlib'])
		assert.match(inputs[name] ?? '', /^\d/, `the version of ${name} is a recorded input`);
});

test('with the same keys and SOURCE_DATE_EPOCH the signed metadata is identical as well', async () => {
	const one = await sampleSite({ documents: ['documents/weather/en-us'] });
	const two = await sampleSite({ documents: ['documents/weather/en-us'], keys: false });
	const epoch = String(Math.floor(Date.now() / 1000) - 3600);
	for (const path of ['keys', 'trust'])
		cpSync(one.path(path), two.path(path), { recursive: true });
	if (readdirSync(one.dir).includes('public'))
		cpSync(one.store, two.store, { recursive: true });
	await one.must('publish', { env: { SOURCE_DATE_EPOCH: epoch, TZ: 'Asia/Tokyo' } });
	await two.must('publish', { env: { SOURCE_DATE_EPOCH: epoch, TZ: 'America/Lima' } });
	const [a, b] = [digests(one.store), digests(two.store)];
	assert.ok(Object.keys(a).includes('metadata/timestamp.json'));
	assert.deepEqual(only(a, /^(?!receipts)/), only(b, /^(?!receipts)/));
});

test('publishing twice at other moments gives the same bundles', async () => {
	const site = await sampleSite({ documents: ['documents/finance/en-us'] });
	await site.must('publish');
	const first = only(digests(site.store), /^(blobs|targets)\//);
	rmSync(site.store, { recursive: true });
	rmSync(site.path('state'), { recursive: true, force: true });
	rmSync(site.path('keys'), { recursive: true });
	rmSync(site.path('trust'), { recursive: true });
	await site.must('keys', 'init', 'local');
	await site.must('publish', { env: { SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000) - 86400) } });
	assert.deepEqual(only(digests(site.store), /^(blobs|targets)\//), first);
});

// The documentation's example, with the policy of the sample site so that its date does not matter.
async function renderedFrom(name, text) {
	const site = await sampleSite({ documents: [], keys: false });
	write(site.path('documents', name), text);
	const { code, stderr } = await site.run('render', '--out', 'rendered');
	assert.equal(code, 0, stderr);
	return { files: digests(site.path('rendered')), site };
}

test("the documentation's example gives the same files as XML, as JSON and as a stream", async () => {
	const shown = blocks(section(readPage('docs/documents.md'), 'An example'));
	const xml = shown.find((block) => block.language === 'xml').text;
	const json = shown.find((block) => block.language === 'json').text;
	const line = `\n${JSON.stringify(JSON.parse(json))}\n\n`;
	const { files } = await renderedFrom('seattle.xml', xml);
	assert.ok(Object.keys(files).some((path) => path.endsWith('weather/en-us/seattle.html')), Object.keys(files).join());
	assert.deepEqual((await renderedFrom('other-name.json', json)).files, files);
	assert.deepEqual((await renderedFrom('below/stream.ndjson', line)).files, files);
	assert.deepEqual((await renderedFrom('list.json', `[${json}]`)).files, files);
});

test('every sample document in XML renders the same from its JSON form', async () => {
	const names = readdirSync(join(sample, 'documents/finance/en-us')).filter((name) => name.endsWith('.json'));
	const site = await sampleSite({ documents: names.map((name) => `documents/finance/en-us/${name}`), keys: false });
	await site.must('render', '--out', 'from-json');
	for (const name of names) {
		const path = site.path('documents/finance/en-us', name);
		writeFileSync(path.replace(/json$/, 'xml'), xmlOf(JSON.parse(readFileSync(path, 'utf8'))));
		rmSync(path);
	}
	await site.must('render', '--out', 'from-xml');
	assert.deepEqual(digests(site.path('from-xml')), digests(site.path('from-json')));
});

// docs/documents.md, "XML and JSON": the rules by which JSON becomes XML.
function xmlOf(document) {
	const escape = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
	const element = (name, value) => {
		if (value === null || value === '')
			return '';
		if (Array.isArray(value))
			return `<${name}>${value.map((one) => element('item', one)).join('\n')}</${name}>`;
		if (typeof value === 'object')
			return `<${name}>\n${Object.entries(value).reverse().map(([n, v]) => element(n, v)).join('')}</${name}>\n`;
		return `<${name}>${name === 'prose' ? value : escape(value)}</${name}>`;
	};
	return `<?xml version="1.0"?>\n${element('document', document)}`;
}
