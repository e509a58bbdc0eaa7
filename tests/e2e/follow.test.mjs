// The origin follows its store by itself, and cannot sign.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { edit } from './lib/files.mjs';
import { status } from './lib/http.mjs';
import { origin, run, until } from './lib/run.mjs';
import { initSite, sampleSite, weather } from './lib/site.mjs';

test('an origin started before the first publish is alive, not ready, and becomes ready by itself', async () => {
	const site = await initSite();
	await site.serve({ ready: false });
	assert.equal(await status(`${site.url}/-/readyz`), 503);
	const early = await site.get('/weather/en-us/index.html');
	assert.ok(early.status >= 500, `${early.status}`);
	await site.must('publish');
	await until('the origin to be ready', async () => await status(`${site.url}/-/readyz`) === 200, 5000);
	assert.match(await site.page('/weather/en-us/index.html'), /Seattle/);
	await site.stop();
});

test('an origin that nobody wakes shows a publish within a second or two, without restart', async () => {
	const site = await sampleSite({ documents: weather });
	const ini = site.path('edgepress.ini');
	writeFileSync(ini, readFileSync(ini, 'utf8').replace(/^origins = .*\n/m, ''));
	await site.must('publish');
	await site.serve();
	for (const word of ['outlook', 'preview', 'review']) {
		edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland ', `<title>Oakland ${word} `]);
		await site.must('publish');
		const begin = Date.now();
		await until(`"${word}" on the page`, async () =>
			(await site.page('/weather/en-us/oakland.html')).includes(`Oakland ${word} `), 5000);
		assert.ok(Date.now() - begin < 2500, `${Date.now() - begin} ms`);
	}
	await site.stop();
});

test('with its origin configured, a publish that has returned is what every next request shows', async () => {
	const site = await sampleSite({ documents: weather });
	await site.must('publish');
	await site.serve();
	for (let i = 1; i <= 5; i++) {
		edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>', `<run>${i}-`]);
		await site.must('publish');
		const { text } = await site.get('/metadata/timestamp.json');
		assert.equal(JSON.parse(text).signed.meta['snapshot.json'].version, site.version());
	}
	await site.stop();
});

test('invalidate makes the origin read the store again', async () => {
	const site = await sampleSite({ documents: weather });
	await site.must('publish');
	await site.serve();
	await site.must('invalidate', 'local');
	await site.must('invalidate', 'local', 'weather.en-us.oakland');
	assert.match(await site.page('/weather/en-us/oakland.html'), /Oakland/);
	await site.stop();
});

test('requests in flight and after go on unharmed while versions change under load', async () => {
	const site = await sampleSite({ documents: weather });
	await site.must('publish');
	await site.serve();
	let over = false, answered = 0;
	const bad = [];
	const readers = [1, 2, 3].map(async () => {
		while (!over) {
			const { status: code, text } = await site.get('/weather/en-us/oakland.html');
			answered++;
			if (code !== 200 || !text.trimEnd().endsWith('</html>'))
				bad.push(code);
		}
	});
	for (let i = 1; i <= 4; i++) {
		edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>', `<run>${i}-`]);
		await site.must('publish');
	}
	over = true;
	await Promise.all(readers);
	assert.deepEqual(bad, []);
	assert.ok(answered > 50, `${answered}`);
	await site.stop();
});

test('a publish that its origin refuses to confirm is live, ends with 6 and is finished by the next', async () => {
	const site = await sampleSite({ documents: weather });
	const refusing = createServer((rq, rs) => rs.writeHead(401).end());
	await new Promise((ready) => refusing.listen(0, '127.0.0.1', ready));
	const ini = site.path('edgepress.ini');
	const was = readFileSync(ini, 'utf8');
	edit(ini, [`origins = ${site.url}`, `origins = http://127.0.0.1:${refusing.address().port}`]);
	const { code, stderr, stdout } = await site.run('publish');
	const { port } = refusing.address();
	refusing.close();
	assert.equal(code, 6, stderr);
	assert.match(stderr + stdout, new RegExp(`127\\.0\\.0\\.1:${port}.*401`));
	assert.equal(site.version(), 1, 'it is live');
	writeFileSync(ini, was);
	await site.serve();
	assert.ok(!existsSync(site.path('public/receipts/1.done')));
	await site.must('publish');
	assert.ok(existsSync(site.path('public/receipts/1.done')));
	await site.stop();
});

test('an origin whose store is gone goes on with what it has, never says 404, and recovers by itself', async () => {
	const site = await sampleSite({ documents: weather });
	await site.must('publish');
	await site.serve();
	const page = await site.page('/weather/en-us/oakland.html');
	renameSync(site.store, `${site.store}.away`);
	await new Promise((wake) => setTimeout(wake, 1500)); // longer than freshness
	assert.equal(await site.page('/weather/en-us/oakland.html'), page);
	const { status: unseen, headers } = await site.get('/weather/en-us/guam.html');
	assert.equal(unseen, 503);
	assert.ok(headers['retry-after']);
	renameSync(`${site.store}.away`, site.store);
	await until('the page that it had not read', async () => await status(`${site.url}/weather/en-us/guam.html`) === 200);
	await until('an answer about what is not there', async () => await status(`${site.url}/metadata/2.root.json`) === 404);
	await site.must('verify', site.url);
	await site.stop();
});

test('an origin serves on when signatures expire, says so, and is ready again once they are renewed', async () => {
	const site = await sampleSite({ documents: ['documents/weather/en-us/seattle-2015-12.json',
		'documents/weather/en-us/new-york-2015-07.xml'], keys: false });
	const now = Math.floor(Date.now() / 1000);
	const then = (s) => ({ env: { SOURCE_DATE_EPOCH: String(now - s) } });
	await site.must('keys', 'init', 'local', then(2 * 86400));
	// It expires, after two days, within this test.
	await site.must('publish', then(2 * 86400 - 12));
	await site.serve();
	const page = await site.page('/weather/en-us/seattle-2015-12.html');
	await until('the end of the signatures', () => Date.now() / 1000 > now + 13, 15000);
	await site.stop();
	await site.serve({ ready: false });
	assert.equal(await site.page('/weather/en-us/seattle-2015-12.html'), page);
	const expired = async () => JSON.parse((await site.get('/-/readyz')).text).expired;
	assert.equal(await expired(), true);
	await site.must('timestamp');
	await until('the renewed metadata', async () => !await expired());
	assert.equal(await status(`${site.url}/-/readyz`), 200);
	await site.must('verify', site.url);
	await site.stop();
});

test('the program that faces the network has no code that signs', async () => {
	const dynamic = await run(['nm', '-D', origin]);
	assert.equal(dynamic.code, 0, dynamic.stderr);
	assert.match(dynamic.stdout, /crypto_sign_verify_detached/, 'it does verify');
	const names = dynamic.stdout.split('\n').map((line) => line.trim().split(/\s+/).at(-1).replace(/@.*/, ''))
		.filter((name) => name.startsWith('crypto_sign'));
	assert.deepEqual([...new Set(names)], ['crypto_sign_verify_detached']);
	// Every function of publisher/signing/, by its own objects, when symbols are there.
	const own = await run(['nm', '--defined-only', origin]);
	const defined = new Set(own.stdout.split('\n').map((line) => line.trim().split(/\s+/)[2]));
	const archive = await run(['nm', '--defined-only', '--extern-only', origin.replace(/edgepress-origin$/, 'signing.a')]);
	const signing = archive.stdout.split('\n').map((line) => /^[0-9a-f]+ [TDBR] (\S+)$/.exec(line)?.[1]).filter(Boolean);
	assert.ok(signing.length > 10, archive.stderr);
	assert.deepEqual(signing.filter((name) => defined.has(name)), []);
});
