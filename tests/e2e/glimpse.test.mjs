// What a publish asks of a remote store: one question if nothing has changed, little if little has.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { Azurite } from './lib/azurite.mjs';
import { Faults } from './lib/fault.mjs';
import { edit, list } from './lib/files.mjs';
import { sampleSite } from './lib/site.mjs';

const page = 'documents/weather/en-us/oakland.xml';
let azurite, proxy, site, env;

// The requests that `edgepress ARGS...` makes, as "GET metadata/timestamp.json".
async function requests(...args) {
	proxy.forget();
	const result = await site.must(...args, { env });
	const asked = proxy.seen.map(({ method, url }) => `${method} ${url.split('/live/')[1]}`);
	return { ...result, asked, puts: asked.filter((rq) => rq.startsWith('PUT')).length };
}

before(async () => {
	azurite = await Azurite.start();
	proxy = await Faults.start({ port: azurite.port });
	const store = (await azurite.container('site')).replace(`:${azurite.port}/`, `:${proxy.port}/`);
	env = azurite.env;
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/finance/de-de'], keys: false });
	edit(site.path('edgepress.ini'), ['store = file:public\n', `store = ${store}/live\n`], [/^origins = .*\n/m.exec(readFileSync(site.path('edgepress.ini'), 'utf8'))[0], '']);
	await site.must('keys', 'init', 'local', { env });
	await site.must('publish', { env });
});

const one = ['HEAD metadata/timestamp.json'];

test('a publish without a change is one conditional request', async () => {
	const { asked, stdout } = await requests('publish');
	assert.deepEqual(asked, one);
	assert.ok(proxy.seen[0].headers['if-none-match']);
	assert.match(stdout, /version 1/);
});

test('so is a dry run without a change', async () => {
	assert.deepEqual((await requests('publish', '--dry-run')).asked, one);
});

test('a change asks no more than ten questions beside what it writes', async () => {
	edit(site.path(page), ['<title>Oakland forecast', '<title>Oakland outlook']);
	const { asked, puts } = await requests('publish');
	assert.ok(puts > 5, asked.join('\n'));
	assert.ok(asked.length - puts <= 10, asked.join('\n'));
	assert.deepEqual((await requests('publish')).asked, one);
});

test('what another publisher has done is seen', async () => {
	edit(site.path(page), ['Oakland outlook', 'Oakland weather']);
	await site.must('publish', '--no-cache', { env });
	const { stdout } = await requests('publish');
	assert.match(stdout, /version 3/);
	assert.deepEqual((await requests('publish')).asked, one);
});

test('keys that were replaced, and signed for what is live, are seen', async () => {
	await site.must('keys', 'rotate', 'local', 'weather', { env });
	edit(site.path(page), ['Oakland weather', 'Oakland tonight']);
	await site.must('publish', { env });
	await site.must('verify', 'local', { env });
});

test('a copy of metadata that was changed is found out and replaced; one of a shard is read again', async () => {
	for (const kind of ['metadata/', 'trees/', 'targets/', 'pointer']) {
		const folder = site.path('.edgepress/cache/store');
		const damaged = list(folder).filter((path) => path.includes(kind));
		assert.ok(damaged.length > 0, kind);
		for (const path of damaged)
			writeFileSync(`${folder}/${path}`, readFileSync(`${folder}/${path}`, 'utf8').replaceAll('e', 'f'));
		edit(site.path(page), ['Oakland tonight', `Oakland ${kind.length} tonight`]);
		await site.must('publish', { env });
		edit(site.path(page), [`Oakland ${kind.length} tonight`, 'Oakland tonight']);
		await site.must('publish', { env });
		await site.must('verify', 'local', { env });
	}
});

test('without the copies it goes on, with more questions', async () => {
	rmSync(site.path('.edgepress'), { recursive: true });
	assert.ok((await requests('publish')).asked.length > 1);
	assert.deepEqual((await requests('publish')).asked, one);
});
