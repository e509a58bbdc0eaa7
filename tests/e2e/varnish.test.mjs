// When publish returns, the edge is fresh: real Varnish, configured as shipped.
import assert from 'node:assert/strict';
import { renameSync, rmSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { Editions } from './lib/editions.mjs';
import { edit } from './lib/files.mjs';
import { decoded } from './lib/headers.mjs';
import { freePort } from './lib/http.mjs';
import { run, top, until } from './lib/run.mjs';
import { sampleSite, write } from './lib/site.mjs';
import { Varnish, addEdge } from './lib/varnish.mjs';
import { talk } from './lib/wire.mjs';

const page = '/weather/en-us/oakland.html';
const others = ['/weather/en-us/guam.html', '/weather/en-us/seattle-2015-12.html', '/weather/en-us/seattle-2015-12.data.json', '/weather/en-us/guam.card.json', '/finance/de-de/usd-eur-2026-06.html', '/finance/de-de/index.html'];
const lists = ['/weather/en-us/index.html', '/weather/en-us/index.json', '/weather/en-us/feed.atom', '/weather/en-us/feed.json'];
const rendered = [page, '/weather/en-us/oakland.fragment.html', '/weather/en-us/oakland.card.json', '/weather/en-us/oakland.data.json', ...lists];
const documents = ['documents/weather/en-us', 'documents/finance/de-de/usd-eur-2026-06.xml'];
let site, edge, editions;
before(async () => {
	site = await sampleSite({ documents });
	editions = new Editions(site);
	const port = await freePort();
	// Fetches take milliseconds here; the test under load has the default.
	addEdge(site, 'west', `http://127.0.0.1:${port}`, { settle: '300ms' });
	// The edge is not there yet: the first publish says so and is finished by the next one.
	assert.equal((await site.run('publish')).code, 6);
	await site.serve();
	edge = await Varnish.inFront(site.port, { port });
	await site.must('publish');
});
after(() => edge?.stop());

// Read through the edge, with gzip as browsers do and without.
async function read(path, headers = { 'accept-encoding': 'gzip' }) {
	const answer = await edge.get(path, { headers });
	return { ...answer, text: answer.status === 304 ? '' : decoded(answer).toString() };
}

async function warm(paths) {
	for (const path of paths)
		for (const headers of [{ 'accept-encoding': 'gzip' }, {}])
			await read(path, headers);
	for (const path of paths)
		assert.ok(Varnish.hit(await read(path)), `${path} is kept`);
}

async function publish(...args) {
	await site.must('publish', ...args);
}

// The new text is everywhere at once, and what did not change is still in memory.
async function isFresh(text, not) {
	for (const path of rendered)
		for (const headers of [{ 'accept-encoding': 'gzip' }, {}]) {
			const answer = await read(path, headers);
			assert.equal(answer.status, 200, path);
			assert.ok(answer.text.includes(text), `${path} is new`);
			assert.ok(!not || !answer.text.includes(not), `${path} is not old`);
		}
	for (const path of others)
		assert.ok(Varnish.hit(await read(path)), `${path} did not change and is still kept`);
}

test('the second read of anything comes from the edge, with the same bytes and validators', async () => {
	for (const path of [...rendered, ...others, '/metadata/1.root.json', '/weather/en-us/']) {
		const first = await read(path);
		const second = await read(path);
		assert.ok(Varnish.hit(second), path);
		assert.equal(second.text, first.text);
		assert.equal(second.headers.etag, first.headers.etag);
		const direct = await site.get(path, { headers: { 'accept-encoding': 'gzip' } });
		assert.equal(second.headers.etag, direct.headers.etag);
		assert.equal(second.status, direct.status);
	}
});

test('the timestamp is not kept by the edge', async () => {
	for (let i = 0; i < 3; i++)
		assert.ok(!Varnish.hit(await read('/metadata/timestamp.json')));
});

test('a query, a cookie or a host does not make another copy', async () => {
	await read(page);
	for (const [path, headers] of [[`${page}?a=b`, {}], [`${page}?`, {}], [page, { cookie: 'a=b' }], [page, { host: 'other.example' }], [page, { authorization: 'x' }], [page, { 'x-forwarded-host': 'evil.example' }],
		[page, { 'accept-language': 'de' }], [page, { 'accept-encoding': 'br, gzip;q=0.8' }], [page, { 'user-agent': 'x' }]])
		assert.ok(Varnish.hit(await read(path, { 'accept-encoding': 'gzip', ...headers })), `${path} ${JSON.stringify(headers)}`);
});

test('a reader without gzip gets the plain page from the edge, with honest headers', async () => {
	await read(page);
	const answer = await edge.get(page, { headers: { 'accept-encoding': 'identity' } });
	assert.equal(answer.headers['content-encoding'], undefined);
	assert.match(answer.text, /<html/);
	if (answer.headers['repr-digest'])
		assert.equal(answer.headers['repr-digest'], (await site.get(page, { headers: { 'accept-encoding': 'identity' } })).headers['repr-digest']);
	const same = await edge.get(page, { headers: { 'if-none-match': answer.headers.etag } });
	assert.equal(same.status, 304);
});

test('the edge hides keys and lifetimes of its own from browsers, and tells them a minute', async () => {
	const { headers } = await read(page);
	for (const name of ['surrogate-key', 'cache-tag', 'cdn-cache-control', 'xkey', 'x-varnish', 'via'])
		assert.equal(headers[name], undefined, name);
	assert.match(headers['cache-control'], /max-age=60\b/);
	assert.equal(headers['access-control-allow-origin'], '*');
	assert.ok(headers['content-security-policy']);
	assert.equal((await read(page, { 'if-none-match': headers.etag, 'accept-encoding': 'gzip' })).status, 304);
});

test('a range through the edge is right', async () => {
	const whole = await edge.get(page, { headers: { 'accept-encoding': 'gzip' } });
	const part = await edge.get(page, { headers: { 'accept-encoding': 'gzip', range: 'bytes=5-14' } });
	assert.ok([200, 206].includes(part.status));
	assert.ok(part.body.equals(part.status === 206 ? whole.body.subarray(5, 15) : whole.body));
});

test('health, metrics and the webhook cannot be reached through the edge', async () => {
	for (const path of ['/-/healthz', '/-/metrics', '/-/status', '/-/readyz', '/-/invalidate/x', '/%2d/metrics', '/-%2fmetrics', '//-/metrics', '/./-/metrics', '/x/../-/metrics', '/%2d%2fmetrics', `http://a/-/metrics`]) {
		const answer = await talk(edge.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
		const [{ status, body }] = answer.answers;
		assert.ok(status >= 300, `${path}: ${status}`);
		assert.doesNotMatch(body.toString(), /edgepress_|pointer/, path);
	}
	assert.ok([403, 404, 405].includes((await edge.get('/-/invalidate', { method: 'POST', body: '{}' })).status));
});

test('publish of one changed document: new at once through the edge, in all its forms; nothing else was evicted', async () => {
	await warm([...rendered, ...others]);
	const was = editions.text;
	const text = editions.next();
	await publish();
	await isFresh(text, was);
});

test('a change in one bundle leaves the other bundle where it is', async () => {
	await warm([...rendered, ...others]);
	edit(site.path('documents/finance/de-de/usd-eur-2026-06.xml'), ['<run>', '<run>x-']);
	await publish();
	for (const path of rendered)
		assert.ok(Varnish.hit(await read(path)), path);
});

test('a publish without changes evicts nothing', async () => {
	await warm([...rendered, ...others]);
	await publish();
	for (const path of [...rendered, ...others])
		assert.ok(Varnish.hit(await read(path)), path);
});

const extra = 'documents/weather/en-us/brandnew.xml', fresh = '/weather/en-us/brandnew.html';
test('a path that newly exists purges its 404 from the edge, and no other 404', async () => {
	for (const path of [fresh, '/weather/en-us/elsewhere.html']) {
		assert.equal((await read(path)).status, 404);
		assert.ok(Varnish.hit(await read(path)), `the 404 of ${path} is kept`);
	}
	write(site.path(extra), readFileSync(site.path('documents/weather/en-us/oakland.xml'), 'utf8')
		.replace('<id>oakland</id>', '<id>brandnew</id>').replaceAll('Oakland', 'Piedmont'));
	await publish();
	const answer = await read(fresh);
	assert.equal(answer.status, 200, answer.text);
	assert.ok((await read('/weather/en-us/index.html')).text.includes('brandnew.html'));
});

test('a document that was removed is gone at the edge as well', async () => {
	await warm([fresh, ...lists, ...others.slice(0, 4)]);
	rmSync(site.path(extra));
	await publish('--allow-large-change');
	for (const name of ['html', 'fragment.html', 'card.json', 'data.json'])
		assert.ok([404, 410].includes((await read(`/weather/en-us/brandnew.${name}`)).status), name);
	for (const path of lists)
		assert.ok(!(await read(path)).text.includes('brandnew'), path);
	for (const path of others.slice(0, 4))
		assert.ok(Varnish.hit(await read(path)), path);
});

test('a rollback is fresh at the edge, too', async () => {
	const before = site.version(), was = editions.text;
	const text = editions.next();
	await publish();
	await warm([...rendered, ...others.slice(0, 4)]);
	await site.must('rollback', 'local', '--to', String(before));
	for (const path of rendered) {
		const answer = await read(path);
		assert.ok(answer.text.includes(was) && !answer.text.includes(text), path);
	}
	for (const path of others.slice(0, 4))
		assert.ok(Varnish.hit(await read(path)), path);
	await publish();
	await isFresh(text);
});

test('edgepress invalidate purges exactly the keys that it is told', async () => {
	await warm([...rendered, ...others]);
	await site.must('invalidate', 'local', 'weather.en-us.guam');
	assert.ok(!Varnish.hit(await read('/weather/en-us/guam.html')));
	assert.ok(!Varnish.hit(await read('/weather/en-us/guam.card.json')));
	for (const path of [page, ...lists, '/weather/en-us/seattle-2015-12.html', '/finance/de-de/index.html'])
		assert.ok(Varnish.hit(await read(path)), path);
	await site.must('invalidate', 'local', 'finance.de-de');
	assert.ok(!Varnish.hit(await read('/finance/de-de/index.html')));
	assert.ok(Varnish.hit(await read(page)));
});

test('under load no reader is given the old version once publish has returned', { timeout: 180000 }, async () => {
	const state = { stop: false, settled: editions.n, failures: [], reads: 0, hits: 0 };
	const paths = rendered;
	const reader = async (number) => {
		for (let i = number; !state.stop; i++) {
			const path = paths[i % paths.length];
			const least = state.settled;
			const answer = await read(path, i % 2 ? { 'accept-encoding': 'gzip' } : {}).catch((error) => ({ status: error.message, text: '', headers: {} }));
			state.reads++;
			state.hits += Varnish.hit(answer);
			const edition = Editions.of(answer.text);
			if (answer.status !== 200 || edition < least)
				state.failures.push(`${path}: ${answer.status}, edition ${edition} after ${least} was published`);
		}
	};
	edit(site.path('edgepress.ini'), ['settle = 300ms\n', '']);
	const readers = Array.from({ length: 20 }, (_, i) => reader(i));
	for (let i = 0; i < 10; i++) {
		editions.next();
		await publish();
		state.settled = editions.n;
	}
	// An old object that came back would be served for a day: look once more.
	await isFreshEverywhere(editions.text);
	state.stop = true;
	await Promise.all(readers);
	edit(site.path('edgepress.ini'), ['[edge west]\n', '[edge west]\nsettle = 300ms\n']);
	assert.deepEqual(state.failures.slice(0, 5), []);
	assert.ok(state.reads > 1000 && state.hits > state.reads / 2, `${state.hits} hits of ${state.reads} reads`);
});

test('publish with the edge down says 6 and names it; the next publish makes the edge fresh', async () => {
	await warm([page]);
	// Stopped, not ended: what it keeps in memory is still there when it goes on.
	edge.program.kill('SIGSTOP');
	const text = editions.next();
	const result = await site.run('publish');
	edge.program.kill('SIGCONT');
	assert.equal(result.code, 6, result.stderr);
	assert.match(result.stderr + result.stdout, /\bwest\b/);
	assert.ok((await site.get(page)).text.includes(text), 'the commit stands');
	await until('Varnish to go on', async () => (await read(page).catch(() => null))?.status === 200);
	await publish();
	await isFreshEverywhere(text);
});

async function isFreshEverywhere(text) {
	for (const path of rendered)
		assert.ok((await read(path)).text.includes(text), path);
}

test('an edge that was restarted empty is fresh by itself', async () => {
	await edge.stop();
	const down = await site.run('publish');
	assert.equal(down.code, 0, 'nothing changed, nothing to purge');
	const text = editions.next();
	assert.equal((await site.run('publish')).code, 6);
	await edge.start();
	await isFreshEverywhere(text);
	await publish();
});

test('PURGE without a key or of one path forgets no more than that; GET with a purge header nothing', async () => {
	await warm([page, ...others]);
	for (const options of [{ method: 'GET', headers: { 'xkey-purge': 'weather' } }, { method: 'HEAD', headers: { 'xkey-purge': 'weather' } }, { method: 'POST', headers: { 'xkey-purge': 'weather' } },
		{ method: 'BAN', headers: { 'xkey-purge': 'weather' } }, { method: 'PURGE', headers: { 'xkey-purge': 'weather.en-us.nobody' } }, { method: 'PURGE', headers: { 'xkey-purge': 'WEATHER' } },
		{ method: 'PURGE', headers: { 'xkey-purge': '' } }, { method: 'DELETE' }])
		await edge.get('/', options);
	for (const path of [page, ...others])
		assert.ok(Varnish.hit(await read(path)), path);
	await edge.get(page, { method: 'PURGE' });
	assert.ok(!Varnish.hit(await read(page)));
	for (const path of others)
		assert.ok(Varnish.hit(await read(path)), path);
});

test('a PURGE from an address outside the ACL is refused', async () => {
	const strict = await Varnish.inFront(site.port, { change: (folder) => edit(`${folder}/origin.vcl`, ['\t"127.0.0.1";\n\t"::1";', '\t"192.0.2.1";']) });
	const get = (path) => strict.get(path, { headers: { 'accept-encoding': 'gzip' } });
	await get(page);
	for (const headers of [{ 'xkey-purge': 'weather' }, {}, { 'x-forwarded-for': '192.0.2.1', 'xkey-purge': 'weather' }]) {
		assert.equal((await strict.get(page, { method: 'PURGE', headers })).status, 403);
		assert.ok(Varnish.hit(await get(page)));
	}
	await strict.stop();
});

test('a PURGE that came through a proxy on this machine is refused', async () => {
	await warm([page]);
	for (const headers of [{ 'x-forwarded-for': '203.0.113.9', 'xkey-purge': 'weather' }, { forwarded: 'for=203.0.113.9', 'xkey-purge': 'weather' }]) {
		assert.equal((await edge.get('/', { method: 'PURGE', headers })).status, 403);
		assert.ok(Varnish.hit(await read(page)));
	}
});

test('with a shared secret, PURGE needs it, and publish sends it', async () => {
	const port = await freePort();
	const guarded = await Varnish.inFront(site.port, { port, change: (folder) => {
		const path = `${folder}/origin.vcl`;
		const text = readFileSync(path, 'utf8');
		// As its comment says: take the comment signs away and put the secret in.
		write(path, text.replace(/^#(\t.*)$/gm, '$1').replace('put the secret here', 'open-sesame'));
	} });
	const get = (path) => guarded.get(path, { headers: { 'accept-encoding': 'gzip' } });
	await get(page);
	for (const headers of [{ 'xkey-purge': 'weather' }, { 'xkey-purge': 'weather', 'x-purge-secret': 'guess' }]) {
		assert.equal((await guarded.get('/', { method: 'PURGE', headers })).status, 403);
		assert.ok(Varnish.hit(await get(page)));
	}
	write(site.path('west.secret'), 'open-sesame\n');
	const ini = readFileSync(site.path('edgepress.ini'), 'utf8');
	addEdge(site, 'guarded', `http://127.0.0.1:${port}`, { secret: 'west.secret' });
	const text = editions.next();
	await publish();
	assert.ok(gunzipSync((await get(page)).body).toString().includes(text));
	write(site.path('west.secret'), 'wrong\n');
	editions.next();
	const refused = await site.run('publish');
	assert.equal(refused.code, 6);
	assert.match(refused.stderr + refused.stdout, /guarded/);
	assert.doesNotMatch(refused.stderr + refused.stdout, /open-sesame/);
	write(site.path('edgepress.ini'), ini);
	await guarded.stop();
	await publish();
});

test('while the origin is down the edge goes on serving what it has, and errors are not kept', async () => {
	await warm([page]);
	await site.stop();
	const kept = await read(page);
	assert.equal(kept.status, 200);
	const unknown = await read('/weather/en-us/never-asked.html');
	assert.ok(unknown.status >= 500, `${unknown.status}`);
	await site.serve();
	await until('404 in place of the error', async () => (await read('/weather/en-us/never-asked.html')).status === 404);
});

test('a store that fails behind the origin does not replace what the edge has by an error', async () => {
	await warm([page]);
	renameSync(site.store, `${site.store}.away`);
	try {
		for (const path of [page])
			assert.equal((await read(path)).status, 200);
	} finally {
		renameSync(`${site.store}.away`, site.store);
	}
});

test('the shipped files compile as they stand', async () => {
	const { code, stderr } = await run(['varnishd', '-j', 'none', '-C', '-f', `${top}/deploy/edge/varnish.vcl`, '-p', `vcl_path=${top}/deploy/edge`], { timeout_ms: 30000 });
	assert.equal(code, 0, stderr.slice(-500));
});
