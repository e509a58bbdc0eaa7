// A whole site in Azure Blob Storage: published, served, verified, rolled back; nobody tells the key.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { Azurite } from './lib/azurite.mjs';
import { Faults } from './lib/fault.mjs';
import { edit, sha256 } from './lib/files.mjs';
import { tempFolder } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { download, makeClient } from './lib/tuf.mjs';

const page = '/weather/en-us/oakland.html';
const texts = []; // all that any program said
let azurite, proxy, site, env, first;

// As site.must, remembering what was said.
async function publisher(...args) {
	const result = await site.run(...args, { env });
	texts.push(result.stdout, result.stderr);
	assert.equal(result.code, 0, `edgepress ${args.join(' ')}: ${result.stderr}${result.stdout}`);
	return result;
}

const writes = () => proxy.seen.filter((rq) => rq.method !== 'GET' && rq.method !== 'HEAD').length;

before(async () => {
	azurite = await Azurite.start();
	proxy = await Faults.start({ port: azurite.port });
	const store = (await azurite.container('site')).replace(`:${azurite.port}/`, `:${proxy.port}/`);
	env = azurite.env;
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/finance/de-de'], keys: false });
	edit(site.path('edgepress.ini'), ['store = file:public\n', `store = ${store}/live\n`]);
	await publisher('keys', 'init', 'local');
	await publisher('publish');
	await site.serve({ env: { AZURE_STORAGE_SAS_TOKEN: azurite.sas('site', 'r') } });
	first = await site.page(page);
});

test('the origin, which may only read, serves what was published', async () => {
	assert.match(first, /Oakland forecast/);
	await publisher('verify', site.url);
	await publisher('verify', 'local');
});

test('a stock TUF client verifies what the origin serves', async () => {
	const client = makeClient(tempFolder(), site.url, site.path('trust/local.root.json'));
	const manifest = JSON.parse(await download(client, 'weather/en-us/bundle.json'));
	assert.equal(manifest.vertical, 'weather');
});

test('it verifies the container just as well: a CDN may read that directly', async () => {
	await azurite.ask('PUT', '/site?restype=container&comp=acl', { headers: { 'x-ms-blob-public-access': 'blob' } });
	const client = makeClient(tempFolder(), `${azurite.base}/site/live`, site.path('trust/local.root.json'));
	const bytes = await download(client, 'finance/de-de/bundle.json');
	assert.equal(JSON.parse(bytes).locale, 'de-de');
	const manifest = await azurite.ask('GET', `/site/live/targets/finance/de-de/${sha256(bytes)}.bundle.json`, { anonymous: true });
	assert.equal(manifest.headers['content-type'], 'application/json');
	assert.equal(manifest.headers['cache-control'], 'public, max-age=31536000, immutable');
});

test('a publish of what is live already writes nothing', async () => {
	proxy.forget();
	await publisher('publish');
	assert.equal(writes(), 0);
});

test('a change goes live through lost answers, and the reader sees it', async () => {
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	proxy.forget();
	proxy.rule((rq) => rq.method === 'PUT' && rq.url.includes('/blobs/'), { status: 503 }, 2);
	proxy.rule((rq) => rq.method === 'PUT' && rq.url.includes('.snapshot.json'), 'lose');
	proxy.rule((rq) => rq.method === 'PUT' && rq.url.includes('timestamp.json'), 'lose');
	await publisher('publish');
	assert.match(await site.page(page), /Oakland outlook/);
	assert.equal(proxy.seen.filter((rq) => rq.method === 'PUT' && rq.url.includes('timestamp.json')).length, 2);
});

test('rollback brings the earlier bytes back', async () => {
	await publisher('rollback', 'local', '--to', '1');
	assert.equal(await site.page(page), first);
});

test('the credentials may stand in a file', async () => {
	mkdirSync(site.path('secrets'), { recursive: true });
	writeFileSync(site.path('secrets/azure.env'), `AZURE_STORAGE_KEY=${azurite.key}\n`, { mode: 0o600 });
	edit(site.path('edgepress.ini'), ['/site/live\n', '/site/live\nstore_credentials = secrets/azure.env\n']);
	const result = await site.run('verify', 'local');
	texts.push(result.stdout, result.stderr);
	assert.equal(result.code, 0, result.stderr);
});

test('neither key nor token is in an output, a log, an error or a process list', async () => {
	proxy.rule(() => true, { status: 403, headers: { 'x-ms-error-code': 'AuthenticationFailed' }, body: `<Error><AuthenticationErrorDetail>${azurite.key}` }, 99);
	const program = site.start('publish');
	const lists = [];
	for (let done = false; !done;) {
		lists.push(readFileSync(`/proc/${program.pid}/cmdline`, 'utf8'), readFileSync(`/proc/${site.origin.pid}/cmdline`, 'utf8'));
		done = await Promise.race([program.ended.then(() => true), new Promise((tick) => setTimeout(tick, 20, false))]);
	}
	const { code, stdout, stderr } = await program.ended;
	assert.equal(code, 1);
	assert.match(stderr, /403 AuthenticationFailed: the key, SAS token or identity is refused/);
	proxy.forget();
	await site.stop().then(({ stderr: log }) => texts.push(log));
	const all = [...texts, ...lists, stdout, stderr, ...texts].join('\n');
	assert.ok(all.length > 1000);
	for (const secret of [azurite.key, azurite.key.slice(0, 24), 'sig=', encodeURIComponent(azurite.key)])
		assert.ok(!all.includes(secret), `${secret.slice(0, 4)}… was told`);
});
