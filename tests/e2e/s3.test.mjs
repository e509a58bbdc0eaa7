// A site in a bucket of a real S3 server, which checks signatures, hashes and session tokens.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { edit } from './lib/files.mjs';
import { RadosGateway, key } from './lib/radosgw.mjs';
import { build, run, tempFolder } from './lib/run.mjs';
import { keyService, makeBucket, s3 } from './lib/s3.mjs';
import { sampleSite } from './lib/site.mjs';
import { download, makeClient, refresh, versions } from './lib/tuf.mjs';

let gateway, site;

before(async () => {
	gateway = await RadosGateway.start();
	for (const bucket of ['contract', 'site', 'hosted'])
		await makeBucket(gateway.url, key, bucket);
	site = await sampleSite({ documents: ['documents/weather/en-us'], keys: false });
	edit(site.path('edgepress.ini'), ['store = file:public', `store = s3:${gateway.url}/site/prod`]);
	await must('keys', 'init', 'local');
});
after(() => gateway?.stop());

const at = (path, options) => s3(`${gateway.url}/site/prod/${path}`, key, options);
const must = (...args) => site.must(...args, { env: gateway.env });
const bundle = 'weather/en-us/bundle.json';

test('a bucket keeps the contract of stores', async () => {
	const result = await run([join(build, 'e2e', 'store_contract')],
		{ env: { ...gateway.env, STORE: `s3:${gateway.url}/contract` } });
	assert.equal(result.code, 0, result.stdout + result.stderr);
});

test('a site is published, served, read by a stock client and rolled back, all from a bucket', async () => {
	await must('publish');
	await site.serve({ env: gateway.env });
	const client = makeClient(tempFolder(), site.url, site.path('trust/local.root.json'));
	await refresh(client);
	assert.equal(versions(client).snapshot, 1);
	const first = await download(client, bundle);
	assert.equal(JSON.parse(first).locale, 'en-us');
	const page = await site.page('/weather/en-us/oakland.html');

	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	await must('publish');
	assert.match(await site.page('/weather/en-us/oakland.html'), /Oakland outlook/);
	assert.notDeepEqual(await download(client, bundle), first);
	await must('verify', site.url);
	await must('verify', 'local');

	await must('rollback', 'local', '--to', '1');
	assert.equal(await site.page('/weather/en-us/oakland.html'), page);
	assert.deepEqual(await download(client, bundle), first);
	assert.equal(versions(client).snapshot, 3);
});

test('publishing the same again writes nothing', async () => {
	await must('publish');
	const keys = async () => (await s3(`${gateway.url}/site`, key, { query: { 'list-type': '2', prefix: 'prod/' } })).text
		.match(/<Key>.*?<\/Key>|<ETag>.*?<\/ETag>|<LastModified>.*?<\/LastModified>/g);
	const was = await keys();
	assert.ok(was.length > 20);
	await must('publish');
	assert.deepEqual(await keys(), was);
});

test('objects keep what an edge that reads the bucket needs: media type, coding, how long they last', async () => {
	const pointer = await at('metadata/timestamp.json', { method: 'HEAD' });
	assert.equal(pointer.headers['content-type'], 'application/json');
	assert.match(pointer.headers['cache-control'], /max-age=0|no-cache/);
	const root = await at('metadata/1.root.json', { method: 'HEAD' });
	assert.match(root.headers['cache-control'], /immutable/);
});

test('session keys of a container publish to a bucket that is part of the host name', async () => {
	const session = await gateway.session();
	const service = await keyService([{ ...session, life_s: 900 }]);
	appendFileSync(site.path('edgepress.ini'), '\n[target hosted]\nstore = s3://hosted/deep/prefix\n');
	const env = { AWS_ENDPOINT_URL_S3: `http://localhost:${gateway.port}`, AWS_CONTAINER_CREDENTIALS_FULL_URI: service.url,
		AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Bearer of-the-container' };
	await site.must('keys', 'init', 'hosted', { env });
	service.asked.length = 0;
	const result = await site.must('publish', 'hosted', { env });
	assert.equal(service.asked.length, 1, 'one key for all requests of a run');
	assert.equal(service.asked[0].authorization, 'Bearer of-the-container');
	for (const secret of [session.secret, session.token, 'of-the-container'])
		assert.ok(!(result.stdout + result.stderr).includes(secret));
	const there = await s3(`${gateway.url}/hosted/deep/prefix/metadata/timestamp.json`, key);
	assert.equal(there.status, 200);
	await site.must('verify', 'hosted', { env });
});

test('no secret is on a command line or in what the origin tells', async () => {
	const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
	for (const pid of pids) {
		let line = '';
		try {
			line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
		} catch {
			continue; // it has ended
		}
		if (line.includes('edgepress') && !line.includes('radosgw-admin'))
			assert.ok(!line.includes(key.secret), line.replaceAll('\0', ' '));
	}
	assert.ok(!site.origin.text('stderr').includes(key.secret));
	assert.ok(site.origin.text('stderr').includes('serving'));
});

test('what is wrong with the store is said in a line, with what to do, and without the secret', async () => {
	const cases = [
		[{ AWS_SECRET_ACCESS_KEY: 'wrong-secret' }, /SignatureDoesNotMatch|AccessDenied/],
		[{ AWS_ACCESS_KEY_ID: 'NOBODY' }, /InvalidAccessKeyId|AccessDenied/],
		[{ AWS_SECRET_ACCESS_KEY: '' }, /AWS_ACCESS_KEY_ID is set, but not AWS_SECRET_ACCESS_KEY/],
		[{ AWS_SECRET_ACCESS_KEY: '', AWS_ACCESS_KEY_ID: '' }, /no credentials: set AWS_ACCESS_KEY_ID/],
	];
	for (const [env, says] of cases) {
		const result = await site.run('publish', 'local', { env: { ...gateway.env, ...env } });
		assert.equal(result.code, 1, result.stderr);
		assert.match(result.stderr, says);
		assert.ok(!/wrong-secret/.test(result.stderr) && !result.stderr.includes(key.secret), result.stderr);
	}
	edit(site.path('edgepress.ini'), ['/site/prod', '/nowhere/prod']);
	const result = await site.run('publish', 'local', { env: gateway.env });
	assert.match(result.stderr, /there is no bucket nowhere/);
});
