// Nobody is shown a document after its `expires`, and no cache is allowed to.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { edit } from './lib/files.mjs';
import { keys, longest, problem } from './lib/headers.mjs';
import { until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';

const LIFE_S = 6;
const names = ['oakland.html', 'oakland.fragment.html', 'oakland.card.json', 'oakland.data.json'];
const lists = ['index.html', 'index.json', 'feed.atom', 'feed.json', 'sitemap.xml'];
let site, expires, sha256, kept;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	await site.must('publish');
	await site.serve();
	expires = Math.floor(Date.now() / 1000) + LIFE_S;
	const path = site.path('documents/weather/en-us/oakland.xml');
	edit(path, ['2036-01-01T00:00:00Z', new Date(expires * 1000).toISOString().replace('.000', '')]);
	await site.must('publish');
	sha256 = site.bundle('weather/en-us').manifest.files.find((file) => file.path === 'oakland.html').sha256;
	kept = site.version();
});
const now = () => Date.now() / 1000;

test('until then it is served, and no lifetime, stale use included, goes beyond it', async () => {
	const asked = now();
	assert.ok(asked < expires - 1, 'publishing took too long for this test');
	for (const path of [...names.map((name) => `/weather/en-us/${name}`), `/@${kept}/weather/en-us/oakland.html`, `/blobs/${sha256}`]) {
		const answer = await site.get(path);
		assert.equal(answer.status, 200, path);
		for (const name of ['cache-control', 'cdn-cache-control']) {
			const after = asked + longest(answer.headers[name]);
			if (!path.startsWith('/blobs/')) // bytes under their digest mean no document
				assert.ok(after <= expires + 1, `${path}: ${name}: ${answer.headers[name]} ends ${after - expires} s after it`);
		}
	}
});

test('lists that show it are not kept longer than it, either', async () => {
	for (const name of lists) {
		const asked = now();
		const answer = await site.get(`/weather/en-us/${name}`);
		if (!answer.text.includes('oakland'))
			continue;
		assert.ok(asked + longest(answer.headers['cdn-cache-control']) <= expires + 1, `${name}: ${answer.headers['cdn-cache-control']}`);
	}
});

test('from then on its URLs answer 410, briefly kept, with its keys', async () => {
	await until('the document to expire', () => now() >= expires, 15000);
	await until('410', async () => (await site.get('/weather/en-us/oakland.html')).status === 410, 2000);
	for (const name of names) {
		for (const headers of [{}, { 'if-none-match': '*' }, { range: 'bytes=0-1' }]) {
			const answer = await site.get(`/weather/en-us/${name}`, { headers });
			assert.equal(answer.status, 410, `${name} ${JSON.stringify(headers)}`);
			problem(answer);
			assert.doesNotMatch(answer.text, /Oakland/);
			assert.ok(longest(answer.headers['cache-control']) <= 60);
			assert.ok(keys(answer.headers).some((key) => key.startsWith('p.') || key === 'weather.en-us.oakland'));
		}
	}
});

test('the others stay, with their long lifetimes', async () => {
	const answer = await site.get('/weather/en-us/guam.html');
	assert.equal(answer.status, 200);
	assert.ok(longest(answer.headers['cdn-cache-control']) > 3600);
});

test('who asks for the version by its number still sees it, and no cache keeps it', async () => {
	const answer = await site.get(`/@${kept}/weather/en-us/oakland.html`);
	assert.equal(answer.status, 200);
	assert.equal(answer.headers['cache-control'], 'no-store');
	assert.equal(answer.headers['cdn-cache-control'], 'no-store');
	const blob = await site.get(`/blobs/${sha256}`);
	assert.equal(blob.status, 200);
	assert.equal(blob.headers['cache-control'], 'no-store');
});

test('the next publish takes it out of every list; a newer document brings its URLs back', async () => {
	await site.must('publish', '--allow-large-change');
	for (const name of lists)
		assert.doesNotMatch(await site.page(`/weather/en-us/${name}`), /oakland/i, name);
	assert.ok([404, 410].includes((await site.get('/weather/en-us/oakland.html')).status));
	const later = new Date(Date.now() + 3600e3).toISOString().replace(/\.\d+/, '');
	edit(site.path('documents/weather/en-us/oakland.xml'), [new Date(expires * 1000).toISOString().replace('.000', ''), later]);
	await site.must('publish');
	const answer = await site.get('/weather/en-us/oakland.html');
	assert.equal(answer.status, 200);
	assert.match(await site.page('/weather/en-us/index.html'), /oakland/);
	assert.ok(longest(answer.headers['cdn-cache-control']) <= 3600);
});
