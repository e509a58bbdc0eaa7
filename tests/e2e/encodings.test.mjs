// Stored codings as real clients negotiate and decode them: curl, and a Chromium.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { tab } from './lib/browser.mjs';
import { sha256 } from './lib/files.mjs';
import { run, tempFolder } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';

const path = '/weather/en-us/oakland.html';
let site, file;

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	await site.must('publish');
	await site.serve();
	file = site.bundle('weather/en-us').manifest.files.find((one) => one.path === 'oakland.html');
});

// What curl gets: a header of it, and the bytes after it has decoded them.
async function curl(...args) {
	const out = join(tempFolder(), 'body');
	const { code, stdout, stderr } = await run(['curl', '-sS', '-D', '-', '-o', out, ...args, site.url + path]);
	assert.equal(code, 0, stderr);
	return { header: (name) => new RegExp(`^${name}: (.*)$`, 'im').exec(stdout)?.[1].trim(), body: readFileSync(out) };
}

for (const coding of ['gzip', 'br', 'zstd'])
	test(`curl decodes the ${coding} form to the page that the manifest names`, async () => {
		const { header, body } = await curl('--compressed', '-H', `Accept-Encoding: ${coding}`);
		assert.equal(header('content-encoding'), coding);
		assert.equal(Number(header('content-length')), file[coding].size);
		assert.equal(header('vary'), 'Accept-Encoding');
		assert.equal(sha256(body), file.sha256);
	});

test('curl --compressed gets the smallest form of those that it takes', async () => {
	const { header, body } = await curl('--compressed');
	const sizes = ['gzip', 'br', 'zstd'].map((coding) => file[coding].size);
	assert.equal(Number(header('content-length')), Math.min(...sizes));
	assert.equal(sha256(body), file.sha256);
});

test('the stored bytes of each form are what its digest says, and decode alike', async () => {
	for (const [coding, suffix] of Object.entries({ gzip: 'gz', br: 'br', zstd: 'zst' })) {
		const url = `${site.url}/blobs/${file[coding].sha256}.${suffix}`;
		const raw = await site.get(`/blobs/${file[coding].sha256}.${suffix}`);
		assert.equal(sha256(raw.body), file[coding].sha256, coding);
		const out = join(tempFolder(), 'body');
		await run(['curl', '-sS', '--compressed', '-o', out, url]);
		assert.equal(sha256(readFileSync(out)), file.sha256, coding);
	}
});

test('each form has an entity tag of its own, and revalidates by it alone', async () => {
	const tags = new Map();
	for (const coding of ['identity', 'gzip', 'br', 'zstd'])
		tags.set(coding, (await site.get(path, { headers: { 'accept-encoding': coding } })).headers.etag);
	assert.equal(new Set(tags.values()).size, 4);
	for (const [coding, etag] of tags)
		for (const accept of tags.keys()) {
			const { status } = await site.get(path, { headers: { 'accept-encoding': accept, 'if-none-match': etag } });
			assert.equal(status, accept === coding ? 304 : 200, `${coding} to ${accept}`);
		}
});

test('a browser takes a stored form and shows the page', async () => {
	const { page, wrong, close } = await tab();
	const answer = await page.goto(site.url + path);
	assert.match(answer.headers()['content-encoding'], /^(br|zstd)$/);
	assert.match(await page.textContent('h1'), /Oakland/);
	assert.deepEqual(wrong, []);
	await close();
});
