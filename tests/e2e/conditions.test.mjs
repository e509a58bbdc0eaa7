// Conditional and range requests (RFC 9110, sections 13 and 14) and the choice of a coding (12.5.3).
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { decoded, digestOf, problem } from './lib/headers.mjs';
import { sampleSite } from './lib/site.mjs';

const path = '/weather/en-us/seattle-2015-12.html';
let site, plain, zipped;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	await site.must('publish');
	await site.serve();
	plain = await ask({ 'accept-encoding': 'identity' });
	zipped = await ask({ 'accept-encoding': 'gzip' });
});

const ask = (headers, options) => site.get(path, { headers, ...options });
const later = () => new Date(Date.parse(plain.headers['last-modified']) + 1000).toUTCString();
const earlier = () => new Date(Date.parse(plain.headers['last-modified']) - 1000).toUTCString();

function isFull(answer, of = plain) {
	assert.equal(answer.status, 200);
	assert.ok(answer.body.equals(of.body), 'the whole body');
	assert.equal(answer.headers.etag, of.headers.etag);
}

function isNotModified(answer, of = plain) {
	assert.equal(answer.status, 304);
	assert.equal(answer.body.length, 0);
	assert.equal(answer.headers['transfer-encoding'], undefined);
	assert.ok([undefined, String(of.body.length)].includes(answer.headers['content-length']));
	for (const name of ['etag', 'cache-control', 'cdn-cache-control', 'vary'])
		assert.equal(answer.headers[name], of.headers[name], `304 repeats ${name}`);
	assert.ok(answer.headers.date);
	// What a cache stores with the object must not vanish when it refreshes it.
	for (const name of ['surrogate-key', 'access-control-allow-origin'])
		assert.ok([undefined, of.headers[name]].includes(answer.headers[name]), name);
}

test('If-None-Match with the current tag answers 304 with the headers that a cache refreshes', async () => {
	isNotModified(await ask({ 'if-none-match': plain.headers.etag }));
	isNotModified(await ask({ 'if-none-match': zipped.headers.etag, 'accept-encoding': 'gzip' }), zipped);
	isNotModified(await ask({ 'if-none-match': plain.headers.etag }, { method: 'HEAD' }));
});

test('If-None-Match takes lists, weak tags and *, and compares whole tags', async () => {
	const tag = plain.headers.etag;
	for (const value of ['*', `W/${tag}`, `"x", ${tag}`, `"x",${tag},"y"`, `"x" , W/${tag} , "y"`, `"a,b", ${tag}`, `  ${tag}  `])
		isNotModified(await ask({ 'if-none-match': value }));
	for (const value of ['"x"', `"x${tag.slice(1)}`, tag.slice(1, -1), `${tag.slice(0, -2)}"`, '""', '"*"', tag.toUpperCase(), `"x${tag.slice(1, -1)}"`])
		isFull(await ask({ 'if-none-match': value }));
});

test('a list of a hundred tags is searched to its end', async () => {
	const many = Array.from({ length: 100 }, (_, i) => `"${String(i).padStart(32, '0')}"`).join(', ');
	isFull(await ask({ 'if-none-match': many }));
	isNotModified(await ask({ 'if-none-match': `${many}, ${plain.headers.etag}` }));
});

test('several If-None-Match lines are one list', async () => {
	isNotModified(await ask({ 'if-none-match': ['"x"', plain.headers.etag] }));
});

test('a tag of one coding does not stand for the other', async () => {
	isFull(await ask({ 'if-none-match': zipped.headers.etag, 'accept-encoding': 'identity' }));
	isFull(await ask({ 'if-none-match': plain.headers.etag, 'accept-encoding': 'gzip' }), zipped);
});

test('If-Modified-Since answers 304 from the moment of the last change on, and bad dates count as absent', async () => {
	isNotModified(await ask({ 'if-modified-since': plain.headers['last-modified'] }));
	isNotModified(await ask({ 'if-modified-since': later() }));
	isFull(await ask({ 'if-modified-since': earlier() }));
	for (const value of ['yesterday', '0', '-1', '2026-01-01T00:00:00Z', 'Sat, 99 Jan 2099 12:00:00 GMT', ''])
		isFull(await ask({ 'if-modified-since': value }));
});

test('If-None-Match takes precedence over If-Modified-Since', async () => {
	isFull(await ask({ 'if-none-match': '"x"', 'if-modified-since': later() }));
	isNotModified(await ask({ 'if-none-match': plain.headers.etag, 'if-modified-since': earlier() }));
});

test('If-Match and If-Unmodified-Since fail with 412 where they are not met', async () => {
	isFull(await ask({ 'if-match': plain.headers.etag }));
	isFull(await ask({ 'if-match': '*' }));
	isFull(await ask({ 'if-unmodified-since': later() }));
	for (const headers of [{ 'if-match': '"x"' }, { 'if-match': `W/${plain.headers.etag}` }, { 'if-unmodified-since': earlier() }]) {
		const answer = await ask(headers);
		// A server may also ignore them on safe methods, but then answers in full.
		assert.ok([200, 412].includes(answer.status), `${JSON.stringify(headers)}: ${answer.status}`);
		if (answer.status === 412)
			problem(answer);
	}
});

test('what is missing answers 404 also to a condition', async () => {
	for (const headers of [{ 'if-none-match': '*' }, { 'if-modified-since': later() }, { range: 'bytes=0-1' }])
		assert.equal((await site.get('/weather/en-us/none.html', { headers })).status, 404, JSON.stringify(headers));
});

test('conditions hold for blobs, metadata and pinned versions too', async () => {
	for (const other of ['/metadata/timestamp.json', '/metadata/1.root.json', '/@1/weather/en-us/index.html', '/weather/en-us/feed.atom']) {
		const { headers: { etag } } = await site.get(other);
		const answer = await site.get(other, { headers: { 'if-none-match': etag } });
		assert.equal(answer.status, 304, other);
		assert.equal(answer.headers.etag, etag);
	}
});

function isPart(answer, first, last, of = plain) {
	assert.equal(answer.status, 206);
	assert.equal(answer.headers['content-range'], `bytes ${first}-${last}/${of.body.length}`);
	assert.deepEqual(answer.body, of.body.subarray(first, last + 1));
	assert.equal(Number(answer.headers['content-length']), last - first + 1);
	assert.equal(answer.headers.etag, of.headers.etag);
	assert.equal(answer.headers['content-encoding'], of.headers['content-encoding']);
	assert.equal(answer.headers['repr-digest'] ?? digestOf(of.body), digestOf(of.body), 'the digest is of the whole');
	assert.equal(answer.headers['content-digest'] ?? digestOf(answer.body), digestOf(answer.body));
	for (const name of ['cache-control', 'vary'])
		assert.equal(answer.headers[name], of.headers[name], name);
}

test('a range answers with exactly its bytes: first, middle, last, open, suffix', async () => {
	const n = plain.body.length;
	for (const [range, first, last] of [['0-0', 0, 0], ['0-9', 0, 9], ['10-19', 10, 19], [`${n - 1}-${n - 1}`, n - 1, n - 1],
		['0-', 0, n - 1], ['100-', 100, n - 1], ['-1', n - 1, n - 1], ['-100', n - 100, n - 1], [`-${n + 50}`, 0, n - 1],
		[`5-${n * 10}`, 5, n - 1], ['007-008', 7, 8]])
		isPart(await ask({ range: `bytes=${range}` }), first, last);
});

test('a range of the gzip form counts coded bytes', async () => {
	isPart(await ask({ range: 'bytes=0-9', 'accept-encoding': 'gzip' }), 0, 9, zipped);
	const half = zipped.body.length >> 1;
	const front = await ask({ range: `bytes=0-${half - 1}`, 'accept-encoding': 'gzip' });
	const back = await ask({ range: `bytes=${half}-`, 'accept-encoding': 'gzip' });
	assert.deepEqual(Buffer.concat([front.body, back.body]), zipped.body);
});

test('a range that no byte satisfies answers 416 with the length', async () => {
	const n = plain.body.length;
	for (const range of [`${n}-`, `${n}-${n + 5}`, '-0', `${n + 1e12}-`]) {
		const answer = await ask({ range: `bytes=${range}` });
		assert.equal(answer.status, 416, range);
		assert.equal(answer.headers['content-range'], `bytes */${n}`);
		assert.equal(answer.headers['cache-control'], 'no-store');
		problem(answer);
	}
});

test('numbers beyond 64 bits never wrap around', async () => {
	for (const range of ['0-18446744073709551615', '0-18446744073709551616', '0-99999999999999999999999999']) {
		const answer = await ask({ range: `bytes=${range}` });
		if (answer.status === 206)
			isPart(answer, 0, plain.body.length - 1);
		else
			isFull(answer); // a server may ignore a range
	}
	for (const range of ['18446744073709551616-18446744073709551620', '18446744073709551616-', '99999999999999999999-', '-18446744073709551616']) {
		const answer = await ask({ range: `bytes=${range}` });
		assert.ok(answer.status === 416 || answer.body.equals(plain.body), `${range}: ${answer.status}`);
	}
});

for (const range of ['bytes=', 'bytes=a-b', 'bytes=5-1', 'bytes=-', 'lines=1-2', 'bytes', '0-5', 'bytes=0x0-5', 'bytes=1-2-3',
		'bytes=--5', 'bytes=+1-5', 'bytes= ', 'bytes=1-5x', 'bytes=\u00b2-'])
	test(`the range "${range}" is none and is ignored`, async () => isFull(await ask({ range })));

test('several ranges answer in full or as correct parts, and a hundred cost no more than the page', async () => {
	for (const range of ['0-0,5-9', '0-5,3-9', Array.from({ length: 100 }, (_, i) => `${i}-`).join(',')]) {
		const answer = await ask({ range: `bytes=${range}` });
		assert.ok(answer.body.length <= 2 * plain.body.length, 'no amplification');
		if (answer.status === 200)
			isFull(answer);
		else {
			assert.equal(answer.status, 206);
			assert.match(answer.headers['content-type'], /^multipart\/byteranges/);
		}
	}
});

test('If-Range gives the part only for the very same representation', async () => {
	const range = 'bytes=0-9';
	isPart(await ask({ range, 'if-range': plain.headers.etag }), 0, 9);
	isPart(await ask({ range, 'if-range': zipped.headers.etag, 'accept-encoding': 'gzip' }), 0, 9, zipped);
	for (const value of ['"x"', `W/${plain.headers.etag}`, zipped.headers.etag, earlier(), later(), 'nonsense', `"x", ${plain.headers.etag}`])
		isFull(await ask({ range, 'if-range': value }));
	isFull(await ask({ 'if-range': plain.headers.etag }));
});

test('a condition is judged before a range', async () => {
	isNotModified(await ask({ range: 'bytes=0-9', 'if-none-match': plain.headers.etag }));
	isPart(await ask({ range: 'bytes=0-9', 'if-none-match': '"x"' }), 0, 9);
	isNotModified(await ask({ range: 'bytes=999999999-', 'if-none-match': plain.headers.etag }));
});

test('HEAD ignores ranges', async () => {
	const answer = await ask({ range: 'bytes=0-9' }, { method: 'HEAD' });
	assert.equal(answer.status, 200);
	assert.equal(Number(answer.headers['content-length']), plain.body.length);
});

test('ranges hold for a blob and for a picture, which has no coded form', async () => {
	const file = site.bundle('weather/en-us').manifest.files.find((one) => one.type === 'image/png');
	for (const other of [`/blobs/${file.sha256}`, `/weather/en-us/${file.path}`]) {
		const whole = await site.get(other, { headers: { 'accept-encoding': 'gzip' } });
		assert.equal(whole.headers['content-encoding'], undefined);
		isPart(await site.get(other, { headers: { range: 'bytes=1-4', 'accept-encoding': 'gzip' } }), 1, 4, whole);
	}
});

test('the coding follows Accept-Encoding with its weights', async () => {
	for (const [accept, coding] of [['gzip', 'gzip'], ['GZIP', 'gzip'], ['x-gzip', 'gzip'], ['gzip;q=0.5', 'gzip'], ['br, gzip', 'br'], ['br;q=0.9, gzip', 'gzip'], ['deflate, gzip;q=1.0, *;q=0.5', 'gzip'],
		['*', 'br'], ['br', 'br'], ['BR;q=0.1', 'br'], ['gzip, deflate, br', 'br'], ['gzip;q=0.001', 'gzip'], ['gzip ; q=1', 'gzip'], ['identity;q=0.5, gzip', 'gzip'],
		['identity', undefined], ['', undefined], [undefined, undefined], ['gzip;q=0', undefined], ['gzip;q=0.000', undefined], ['br;q=0', undefined], ['*;q=0.5, gzip;q=0', 'br'],
		['gzip;q=0, *', 'br'], ['brotli', undefined], ['gzipped', undefined], ['xgzip', undefined], ['identity, gzip;q=0.5', undefined]]) {
		const answer = await ask(accept === undefined ? {} : { 'accept-encoding': accept });
		assert.equal(answer.status, 200, `${accept}`);
		assert.equal(answer.headers['content-encoding'], coding, `Accept-Encoding: ${accept}`);
		assert.match(answer.headers.vary, /accept-encoding/i);
		assert.deepEqual(decoded(answer), plain.body);
	}
});

test('a malformed Accept-Encoding gets a page, too', async () => {
	for (const accept of [';', ',,,', 'gzip;q=2', 'gzip;q=-1', 'gzip;q=abc', 'gzip;;q=1', '*;q=0', 'identity;q=0', 'x'.repeat(2000), 'gzip;q=0.12345678901234567890']) {
		const answer = await ask({ 'accept-encoding': accept });
		assert.ok([200, 406].includes(answer.status), `${accept}: ${answer.status}`);
		if (answer.status === 200)
			assert.deepEqual(decoded(answer), plain.body);
	}
});
