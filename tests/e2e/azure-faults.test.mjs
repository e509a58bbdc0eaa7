// A store whose answers come late, broken, twice or never: what a publisher is told stays true.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Azurite } from './lib/azurite.mjs';
import { Faults } from './lib/fault.mjs';
import { use } from './lib/store-tool.mjs';

const azurite = await Azurite.start();
const proxy = await Faults.start({ port: azurite.port });
const env = azurite.env;
const is = (method, end = '') => (rq) => rq.method === method && rq.url.split('?')[0].endsWith(end);
let n = 0;

// A container of its own, behind the proxy and beside it.
async function fresh() {
	const name = `faults-${n++}`;
	const direct = await azurite.container(name);
	proxy.forget();
	return { name, direct, store: direct.replace(`:${azurite.port}/`, `:${proxy.port}/`) };
}

const count = (method) => proxy.seen.filter((rq) => rq.method === method).length;
const etagOf = (line) => line.split(' ')[1];

test('what passes is tried again', async () => {
	const { store } = await fresh();
	for (const act of [{ status: 500 }, { status: 503, headers: { 'x-ms-error-code': 'ServerBusy' } }, { status: 429 }, 'reset', { status: 408 }])
		proxy.rule(is('PUT'), act);
	assert.deepEqual(await use(store, env, ['create', 'a', 'text']), ['ok']);
	assert.equal(count('PUT'), 6);
	for (const act of [{ status: 500 }, 'reset', 'cut'])
		proxy.rule(is('GET'), act);
	assert.match((await use(store, env, ['get', 'a']))[0], /^ok .* text$/);
});

test('Retry-After is waited for, in seconds and as a date', async () => {
	const { store } = await fresh();
	proxy.rule(is('PUT'), { status: 503, headers: { 'retry-after': '1' } });
	proxy.rule(is('PUT'), () => ({ status: 429, headers: { 'retry-after': new Date(Date.now() + 2000).toUTCString() } }));
	assert.deepEqual(await use(store, env, ['create', 'a', 'text']), ['ok']);
	const at = proxy.seen.map((rq) => rq.at);
	assert.ok(at[1] - at[0] >= 990, `${at[1] - at[0]} ms`);
	assert.ok(at[2] - at[1] >= 900 && at[2] - at[1] < 3000, `${at[2] - at[1]} ms`);
});

test('a wait longer than there is patience is not begun', async () => {
	const { store } = await fresh();
	proxy.rule(is('GET'), { status: 503, headers: { 'retry-after': '3600' } }, 9);
	const start = performance.now();
	assert.match((await use(store, env, ['get', 'a']))[0], /^BUSY .*503: the store is busy/);
	assert.ok(performance.now() - start < 5000);
	assert.equal(count('GET'), 1);
});

test('a store that stays down is busy, never empty, and soon told', async () => {
	const { store } = await fresh();
	proxy.rule(() => true, { status: 500 }, 99);
	const lines = await use(store, env, ['get', 'a'], ['unchanged', 'a', 'x']);
	assert.match(lines[0], /^BUSY azblob store: a: GET http\S+\/a: 500: /);
	assert.match(lines[1], /^BUSY /);
	assert.equal(count('GET'), 4);
	proxy.forget();
	const [gone] = await use(store.replace(`:${proxy.port}/`, ':1/'), env, ['get', 'a']);
	assert.match(gone, /^BUSY /);
});

test('a store that takes a request and then keeps silent is left, and asked again', async () => {
	const { store } = await fresh();
	await use(store, env, ['create', 'a', 'text']);
	proxy.rule(is('GET'), { wait: 60000 });
	const start = performance.now();
	assert.match((await use(store, env, ['get', 'a']))[0], /^ok .* text$/);
	assert.ok(performance.now() - start < 12000);
});

test('a create whose answer was lost has succeeded', async () => {
	const { store, direct } = await fresh();
	proxy.rule(is('PUT'), 'lose');
	const lines = await use(store, env, ['create', 'a', 'text'], ['create', 'a', 'other']);
	assert.equal(lines[0], 'ok');
	assert.match(lines[1], /^STALE /);
	assert.match((await use(direct, env, ['get', 'a']))[0], /text$/);
});

test('a swap whose answer was lost has succeeded', async () => {
	const { store, direct } = await fresh();
	await use(direct, env, ['swap', 'p', 'one']);
	const etag = etagOf((await use(direct, env, ['get', 'p']))[0]);
	proxy.rule(is('PUT'), 'lose');
	assert.deepEqual(await use(store, env, ['swap', 'p', 'two', etag]), ['ok']);
	assert.match((await use(direct, env, ['get', 'p']))[0], /two$/);
});

test('a swap that was overtaken while it was tried again is lost, even by the same bytes', async () => {
	const { store, direct } = await fresh();
	await use(direct, env, ['swap', 'p', 'one']);
	const etag = etagOf((await use(direct, env, ['get', 'p']))[0]);
	proxy.rule(is('PUT'), async () => {
		assert.deepEqual(await use(direct, env, ['swap', 'p', 'two', etag]), ['ok']);
		return 'reset';
	});
	assert.match((await use(store, env, ['swap', 'p', 'two', etag]))[0], /^STALE .*was replaced by another publisher/);
});

test('a body that was cut or changed on its way is asked for again, and never believed', async () => {
	const { store } = await fresh();
	await use(store, env, ['create', 'a', 'text']);
	proxy.rule(is('GET'), 'spoil');
	proxy.rule(is('GET'), 'cut');
	assert.match((await use(store, env, ['get', 'a']))[0], /^ok .* text$/);
	proxy.rule(is('GET'), 'spoil', 9);
	assert.match((await use(store, env, ['get', 'a']))[0], /^UNTRUSTED .*does not match its Content-MD5$/);
});

test('a 404 is believed only if Azure says that the object is absent', async () => {
	const { store } = await fresh();
	proxy.rule(is('GET', '/a'), { status: 404, body: 'not found' });
	const lines = await use(store, env, ['get', 'a'], ['get', 'b']);
	assert.match(lines[0], /^SETUP .*404: not Azure Blob Storage/);
	assert.match(lines[1], /^ABSENT /);
	proxy.rule(() => true, { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' }, 9);
	const strange = await use(store, env, ['create', 'c', 'x'], ['list'], ['remove', 'c']);
	assert.match(strange[0], /^SETUP .*200: not an answer of Azure Blob Storage/);
	assert.match(strange[1], /^BUSY .*no listing/);
	assert.match(strange[2], /^SETUP /);
});

test('a listing that leads round in a circle ends', async () => {
	const { store } = await fresh();
	const page = '<?xml version="1.0"?><EnumerationResults><Blobs><Blob><Name>a</Name><Properties><Content-Length>1</Content-Length></Properties></Blob></Blobs><NextMarker>m/1</NextMarker></EnumerationResults>';
	proxy.rule(is('GET'), { status: 200, body: page }, 9);
	assert.match((await use(store, env, ['list']))[0], /^BUSY .*does not go on$/);
	assert.match(proxy.seen[1].url, /&marker=m%2F1$/);
	assert.equal(proxy.seen.length, 2);
});

test('connections are used again, by twelve threads', async () => {
	const { store } = await fresh();
	const before = proxy.connections;
	assert.match((await use(store, env, ['many', '96', 'm']))[0], /^ok \d+$/);
	assert.equal(count('PUT'), 96);
	const opened = proxy.connections - before;
	assert.ok(opened > 1 && opened <= 13, `${opened} connections`);
});

test('a token that the store refuses is replaced once', async () => {
	const imds = await Faults.start();
	let given = 0;
	imds.rule(() => true, () => ({ status: 200, body: JSON.stringify({ access_token: `token-${++given}`, expires_in: 3600 }) }), 9);
	const { store } = await fresh();
	const own = { AZURE_POD_IDENTITY_AUTHORITY_HOST: imds.url };
	proxy.rule((rq) => rq.headers.authorization === 'Bearer token-1', { status: 401, headers: { 'x-ms-error-code': 'InvalidAuthenticationInfo' } }, 9);
	proxy.rule((rq) => rq.headers.authorization === 'Bearer token-2', { status: 201 });
	assert.deepEqual(await use(store, own, ['create', 'a', 'x']), ['ok']);
	proxy.rule(() => true, { status: 401 }, 9);
	const [refused] = await use(store, own, ['get', 'a']);
	assert.match(refused, /^SETUP .*401: the credentials are refused/);
	assert.doesNotMatch(refused, /token-/);
	assert.equal(given, 4);
});
