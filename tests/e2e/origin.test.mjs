// What the origin answers for each kind of URL, header by header.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { readJson, sha256 } from './lib/files.mjs';
import { decoded, digestOf, directives, keys, longest, problem } from './lib/headers.mjs';
import { raw } from './lib/http.mjs';
import { sampleSite } from './lib/site.mjs';

const YEAR = 365 * 24 * 3600;
const gzip = { 'accept-encoding': 'gzip' };
const codings = { gzip: 'gz', br: 'br', zstd: 'zst' };
const identity = { 'accept-encoding': 'identity' };
let site, manifest;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/finance/de-de/usd-eur-2026-06.xml'] });
	await site.must('publish');
	await site.serve();
	manifest = site.bundle('weather/en-us').manifest;
});

const fileOf = (path) => manifest.files.find((file) => file.path === path);
const first = (pattern) => manifest.files.find((file) => pattern.test(file.path)).path;

// Everything that a mutable file of a bundle promises.
const content = {
	'a page': [() => 'seattle-2015-12.html', 'text/html; charset=utf-8', 'seattle-2015-12'],
	'a fragment': [() => 'seattle-2015-12.fragment.html', 'text/html; charset=utf-8', 'seattle-2015-12'],
	'a card': [() => 'seattle-2015-12.card.json', 'application/json', 'seattle-2015-12'],
	'card data': [() => 'seattle-2015-12.data.json', 'application/json', 'seattle-2015-12'],
	'the card template': [() => 'card.template.json', 'application/json'],
	'the index page': [() => 'index.html', 'text/html; charset=utf-8'],
	'the index': [() => 'index.json', 'application/json'],
	'the Atom feed': [() => 'feed.atom', 'application/atom+xml; charset=utf-8'],
	'the JSON feed': [() => 'feed.json', 'application/feed+json'],
	'the sitemap': [() => 'sitemap.xml', 'application/xml'],
	'a style sheet': [() => first(/^assets\/page\..*css$/), 'text/css; charset=utf-8', null, true],
	'a picture': [() => first(/^assets\/.*png$/), 'image/png', null, true],
	'a drawing': [() => first(/^assets\/condition.*svg$/), 'image/svg+xml', null, true],
};

function withoutSpaces(type) {
	return type.toLowerCase().replace(/\s/g, '');
}

for (const [name, [pathOf, type, document, immutable]] of Object.entries(content)) {
	test(`${name} has its type, validators, lifetimes, keys and digest, plain and coded`, async () => {
		const path = pathOf();
		const file = fileOf(path);
		assert.ok(file, `${path} is in the manifest`);
		const etags = new Set();
		const coded = Object.keys(codings).filter((coding) => file[coding]);
		for (const coding of ['identity', ...coded]) {
			const headers = { 'accept-encoding': coding };
			const answer = await site.get(`/weather/en-us/${path}`, { headers });
			const h = answer.headers;
			assert.equal(answer.status, 200);
			assert.equal(withoutSpaces(h['content-type']).split(';')[0], withoutSpaces(type).split(';')[0]);
			if (type.startsWith('text/'))
				assert.match(h['content-type'], /charset=utf-8/i);
			assert.equal(sha256(answer.body), (file[coding] ?? file).sha256);
			if (coding !== 'zstd') // which this node cannot decode; encodings.test.mjs does
				assert.equal(sha256(decoded(answer)), file.sha256);
			assert.equal(h['content-encoding'], coding === 'identity' ? undefined : coding);
			assert.equal(Number(h['content-length']), answer.body.length);
			assert.equal(h['repr-digest'], digestOf(answer.body));
			assert.match(h.etag, /^"[\x21\x23-\x7e]+"$/, 'a strong entity tag');
			etags.add(h.etag);
			// The document's date, or that of the bundle's version, which a template or a rollback moves as well.
			assert.ok(new Date(h['last-modified']) >= new Date(file.modified ?? manifest.updated), h['last-modified']);
			assert.ok(new Date(h['last-modified']) <= new Date(h.date));
			assert.equal(h['accept-ranges'], 'bytes');
			assert.equal(h['x-content-type-options'], 'nosniff');
			assert.equal(h['access-control-allow-origin'], '*');
			if (coded.length > 0)
				assert.match(h.vary ?? '', /^accept-encoding$/i, 'nothing else varies an answer');
			const listed = keys(h);
			assert.ok(listed.includes('weather') && listed.includes('weather.en-us'), listed.join(' '));
			if (document)
				assert.ok(listed.includes(`weather.en-us.${document}`), listed.join(' '));
			const browser = directives(h['cache-control']), cdn = directives(h['cdn-cache-control']);
			if (immutable) {
				assert.deepEqual([browser.immutable, browser['max-age']], [true, YEAR]);
				assert.deepEqual([cdn.immutable, cdn['max-age']], [true, YEAR]);
			} else {
				assert.ok(browser['max-age'] >= 1 && browser['max-age'] <= 300, 'browsers keep it briefly');
				assert.ok(browser['stale-while-revalidate'] > 0 && browser['stale-if-error'] > 0);
				assert.ok(cdn['max-age'] > browser['max-age'], 'edges keep it longer: they are purged');
				assert.ok(!('immutable' in browser) && !('immutable' in cdn));
			}
		}
		assert.equal(etags.size, 1 + coded.length, 'each coding has its own entity tag');
	});
}

test('pages have a content security policy that lets no script run', async () => {
	for (const path of ['index.html', 'seattle-2015-12.html', 'seattle-2015-12.fragment.html', first(/svg$/)]) {
		const csp = (await site.get(`/weather/en-us/${path}`)).headers['content-security-policy'];
		assert.ok(csp, path);
		const policy = Object.fromEntries(csp.split(';').map((one) => one.trim().split(/\s+(.*)/s)));
		assert.equal(policy['script-src'] ?? policy['default-src'], "'none'", `${path}: ${csp}`);
		assert.match(policy['default-src'], /^'none'$/);
		if (!path.endsWith('.svg')) // a drawing has its own style inside
			assert.ok(!/unsafe/.test(csp), csp);
	}
});

test('a pinned version is immutable, equals what is live, and has the same keys', async () => {
	const live = await site.get('/weather/en-us/seattle-2015-12.html');
	const pinned = await site.get('/@1/weather/en-us/seattle-2015-12.html');
	assert.equal(pinned.status, 200);
	assert.deepEqual(pinned.body, live.body);
	for (const name of ['cache-control', 'cdn-cache-control'])
		assert.match(pinned.headers[name], /immutable/);
	assert.ok(longest(pinned.headers['cache-control']) <= YEAR);
	assert.equal(pinned.headers['repr-digest'], digestOf(pinned.body));
	assert.ok(keys(pinned.headers).includes('weather.en-us.seattle-2015-12'));
	for (const path of ['/@2/weather/en-us/index.html', '/@0/weather/en-us/index.html', '/@01/weather/en-us/index.html',
		'/@-1/weather/en-us/index.html', '/@1e0/weather/en-us/index.html', '/@99999999999999999999/weather/en-us/index.html',
		'/@18446744073709551617/weather/en-us/index.html', '/@/weather/en-us/index.html', '/@1'])
		assert.equal((await site.get(path)).status, 404, path);
});

test('a blob is served under its digest, coded and not, for ever, whatever is accepted', async () => {
	const file = fileOf('seattle-2015-12.html');
	for (const accept of ['gzip', 'br', 'identity', '']) {
		const plain = await site.get(`/blobs/${file.sha256}`, { headers: { 'accept-encoding': accept } });
		assert.equal(plain.status, 200);
		assert.equal(sha256(plain.body), file.sha256);
		assert.equal(plain.headers['repr-digest'], digestOf(plain.body));
		assert.match(plain.headers['cache-control'], /immutable/);
		assert.equal(plain.headers.vary, undefined, 'for edges that ignore Vary');
		assert.equal(plain.headers['x-content-type-options'], 'nosniff');
		for (const [coding, suffix] of Object.entries(codings)) {
			const answer = await site.get(`/blobs/${file[coding].sha256}.${suffix}`, { headers: { 'accept-encoding': accept } });
			assert.equal(answer.status, 200, coding);
			assert.equal(answer.headers['content-encoding'], coding);
			assert.equal(answer.headers.vary, undefined);
			assert.equal(sha256(answer.body), file[coding].sha256);
			assert.match(answer.headers['cache-control'], /immutable/);
			assert.equal((await site.get(`/blobs/${file[coding].sha256}`)).status, 404, 'without its suffix');
		}
	}
});

test('what is not a published blob is not served as one', async () => {
	const zero = '0'.repeat(64);
	for (const path of [`/blobs/${zero}`, `/blobs/${zero}.gz`, '/blobs/', '/blobs/00', `/blobs/${zero}0`,
		`/blobs/${fileOf('index.html').sha256.toUpperCase()}`, `/blobs/${fileOf('index.html').sha256}.zip`,
		`/blobs/${fileOf('index.html').sha256}/`, `/blobs/../metadata/1.root.json`]) {
		const answer = await site.get(path);
		assert.equal(answer.status, 404, path);
		assert.equal(answer.headers['cache-control'], 'no-store', path);
	}
});

test('the metadata is served: immutable but for the timestamp, which is always asked for again', async () => {
	const { meta } = site.snapshot().signed;
	const names = ['1.root.json', `${site.version()}.snapshot.json`,
		...Object.entries(meta).map(([role, { version }]) => `${version}.${role}`)];
	for (const name of names) {
		const answer = await site.get(`/metadata/${name}`);
		assert.equal(answer.status, 200, name);
		assert.deepEqual(JSON.parse(answer.text), readJson(site.path('public/metadata', name)));
		assert.deepEqual(directives(answer.headers['cache-control']), { public: true, 'max-age': YEAR, immutable: true });
		assert.equal(answer.headers['repr-digest'], digestOf(answer.body));
		assert.equal(answer.headers['access-control-allow-origin'], '*');
		keys(answer.headers);
	}
	const answer = await site.get('/metadata/timestamp.json');
	assert.deepEqual(JSON.parse(answer.text), site.timestamp());
	assert.ok((directives(answer.headers['cache-control'])['max-age'] ?? 0) <= 10);
	assert.ok((directives(answer.headers['cdn-cache-control'])['max-age'] ?? 0) <= 10);
	assert.match(answer.headers.etag, /^"/);
	assert.deepEqual(keys(answer.headers), ['tuf-ts']);
});

test('the next root is a bare 404 that no cache keeps', async () => {
	for (const path of ['/metadata/2.root.json', '/metadata/3.root.json', '/metadata/999.snapshot.json', '/metadata/7.nobody.json']) {
		const answer = await site.get(path);
		assert.equal(answer.status, 404, path);
		assert.equal(answer.headers['cache-control'], 'no-store');
		assert.equal(answer.headers['cdn-cache-control'] ?? 'no-store', 'no-store');
		assert.equal(answer.body.length, 0);
		assert.equal(answer.headers['surrogate-key'], undefined);
	}
});

test('a manifest is served as the TUF target that it is, immutable', async () => {
	const { bytes } = site.bundle('weather/en-us');
	const answer = await site.get(`/targets/weather/en-us/${sha256(bytes)}.bundle.json`, { headers: identity });
	assert.equal(answer.status, 200);
	assert.deepEqual(answer.body, bytes);
	assert.match(answer.headers['cache-control'], /immutable/);
	for (const path of ['/targets/weather/en-us/bundle.json', `/targets/weather/fr-fr/${sha256(bytes)}.bundle.json`,
		`/targets/weather/en-us/${'0'.repeat(64)}.bundle.json`])
		assert.equal((await site.get(path)).status, 404, path);
});

test('nothing else of the store is served', async () => {
	for (const path of ['/receipts/', '/receipts', '/metadata/', '/metadata', '/targets/', '/trees/', '/keys/local',
		'/edgepress.ini', '/public/metadata/timestamp.json', '/state', '/trust/local.root.json', '/.git/config'])
		assert.equal((await site.get(path)).status, 404, path);
});

for (const [path, type] of [['healthz', 'text/plain'], ['readyz', 'application/json'], ['metrics', 'text/plain'], ['status', 'application/json']]) {
	test(`/-/${path} answers and is never stored`, async () => {
		const answer = await site.get(`/-/${path}`);
		assert.equal(answer.status, 200);
		assert.ok(answer.headers['content-type'].startsWith(type), answer.headers['content-type']);
		assert.equal(answer.headers['cache-control'], 'no-store');
		assert.equal(answer.headers['x-content-type-options'], 'nosniff');
		if (type === 'application/json')
			JSON.parse(answer.text);
	});
}

test('the status names each live bundle, its version and its size', async () => {
	const { bundles } = JSON.parse((await site.get('/-/status')).text);
	assert.deepEqual(bundles.map((one) => one.bundle).sort(), ['finance/de-de', 'weather/en-us']);
	const one = bundles.find((each) => each.bundle === 'weather/en-us');
	assert.equal(one.documents, manifest.documents.length);
	assert.equal(one.files, manifest.files.length);
	assert.equal(one.version, 1);
});

test('HEAD answers with the headers of GET and no body, for every kind of URL', async () => {
	const file = fileOf('index.html');
	const paths = ['/weather/en-us/index.html', '/weather/en-us/feed.atom', '/@1/weather/en-us/index.html', `/blobs/${file.sha256}`,
		'/metadata/timestamp.json', '/metadata/1.root.json', '/metadata/2.root.json', '/weather/en-us/none.html', '/weather/en-us/',
		'/none', '/', '/-/healthz', '/-/readyz'];
	for (const headers of [identity, gzip])
		for (const path of paths) {
			const get = await site.get(path, { headers });
			const head = await site.get(path, { method: 'HEAD', headers });
			assert.equal(head.status, get.status, path);
			assert.equal(head.body.length, 0, path);
			const comparable = ({ date, 'server-timing': timing, 'cache-status': status, ...rest }) => rest;
			assert.deepEqual(comparable(head.headers), comparable(get.headers), path);
		}
	// A client would not show a body that follows a HEAD: look at the wire.
	const wire = await raw(site.port, 'HEAD /weather/en-us/index.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
	assert.equal(wire.split('\r\n\r\n')[1], '');
});

test('a missing page is a problem document, kept briefly, with a key that is its path alone', async () => {
	const seen = new Set();
	for (const path of ['/weather/en-us/none.html', '/weather/en-us/other.html', '/weather/xx-xx/index.html', '/nothing/en-us/index.html']) {
		const answer = await site.get(path);
		assert.equal(answer.status, 404);
		problem(answer);
		for (const name of ['cache-control', 'cdn-cache-control'])
			assert.ok(longest(answer.headers[name]) <= 60, answer.headers[name]);
		if (answer.headers['cache-control'] !== 'no-store') {
			assert.equal(keys(answer.headers).length, 1);
			seen.add(answer.headers['surrogate-key']);
		}
		assert.equal(answer.headers['x-content-type-options'], 'nosniff');
		assert.equal(answer.headers['access-control-allow-origin'], '*');
		assert.doesNotMatch(answer.text, /none\.html|other\.html/, 'a path is not echoed');
	}
	assert.ok(seen.size >= 2, 'each path its own key');
});

test('methods other than GET and HEAD get 405 with Allow, unknown ones 405 or 501', async () => {
	for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE', 'TRACE', 'PROPFIND', 'QUERY'])
		for (const path of ['/weather/en-us/index.html', '/metadata/timestamp.json', '/none', '/-/healthz']) {
			const answer = await site.get(path, { method });
			assert.ok([404, 405, 501].includes(answer.status), `${method} ${path}: ${answer.status}`);
			if (answer.status === 405)
				assert.match(answer.headers.allow, /\bGET\b.*\bHEAD\b|\bHEAD\b.*\bGET\b/, `${method} ${path}`);
			assert.equal(answer.headers['cache-control'], 'no-store');
			problem(answer);
		}
	const answer = await site.get('/weather/en-us/index.html', { method: 'DELETE' });
	assert.equal(answer.status, 405);
	const hook = await site.get('/-/invalidate');
	assert.equal(hook.status, 405);
	assert.match(hook.headers.allow, /POST/);
	assert.doesNotMatch(hook.headers.allow, /GET/);
});

test('a widget from anywhere may read: preflight and answers say so, and expose what it needs', async () => {
	const preflight = await site.get('/weather/en-us/seattle-2015-12.data.json', { method: 'OPTIONS', headers: {
		origin: 'https://widgets.example', 'access-control-request-method': 'GET', 'access-control-request-headers': 'if-none-match' } });
	assert.ok([200, 204].includes(preflight.status), String(preflight.status));
	assert.equal(preflight.headers['access-control-allow-origin'], '*');
	assert.match(preflight.headers['access-control-allow-methods'] ?? '', /GET/);
	assert.match(preflight.headers['access-control-allow-headers'] ?? '', /if-none-match|\*/i);
	assert.equal(preflight.body.length, 0);
	const answer = await site.get('/weather/en-us/seattle-2015-12.data.json', { headers: { origin: 'https://widgets.example' } });
	assert.equal(answer.headers['access-control-allow-origin'], '*');
	assert.equal(answer.headers['access-control-allow-credentials'], undefined);
	const bare = await site.get('/weather/en-us/index.html', { method: 'OPTIONS' });
	assert.ok([200, 204].includes(bare.status));
	assert.match(bare.headers.allow ?? bare.headers['access-control-allow-methods'], /GET/);
});

test('a folder leads to its index, the site to its home', async () => {
	for (const path of ['/', '/weather/en-us', '/weather/en-us/']) {
		const answer = await site.get(path);
		assert.ok([301, 302, 307, 308].includes(answer.status), `${path}: ${answer.status}`);
		assert.equal(answer.headers.location, '/weather/en-us/index.html');
		assert.ok(longest(answer.headers['cache-control']) <= 3600);
	}
});

test('no header says which program, library or folder is behind it', async () => {
	for (const path of ['/weather/en-us/index.html', '/none', '/-/healthz', '/metadata/timestamp.json']) {
		const answer = await site.get(path);
		const all = JSON.stringify(answer.headers) + (answer.status === 404 ? answer.text : '');
		assert.doesNotMatch(all, /microhttpd|libmicro|\/tmp\/|public\//i);
	}
});

test('headers that no page depends on change nothing', async () => {
	const plain = await site.get('/weather/en-us/index.html');
	for (const headers of [{ 'accept-language': 'fr' }, { 'user-agent': 'x'.repeat(500) }, { cookie: 'a=b' }, { 'x-forwarded-host': 'evil.example' },
		{ 'x-original-url': '/none' }, { 'x-rewrite-url': '/none' }, { 'x-http-method-override': 'DELETE' }, { accept: 'image/png' },
		{ authorization: 'Bearer x' }, { forwarded: 'host=evil.example' }, { 'cache-control': 'no-cache' }, { host: 'evil.example' },
		{ 'x-forwarded-proto': 'http' }, { te: 'trailers' }, { expect: '' }, { 'x-forwarded-prefix': '/evil' }]) {
		const answer = await site.get('/weather/en-us/index.html', { headers });
		assert.equal(answer.status, 200, JSON.stringify(headers));
		assert.deepEqual(answer.body, plain.body);
		assert.equal(answer.headers.etag, plain.headers.etag);
		assert.equal(answer.headers['cache-control'], plain.headers['cache-control']);
	}
});
