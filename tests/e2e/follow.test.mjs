// The origin follows its store by itself, and cannot sign.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
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
