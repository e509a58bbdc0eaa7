// Azure Blob Storage as a store, against Azurite: the contract of every store, what other clients
// see, rights and their absence.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Azurite, certificate } from './lib/azurite.mjs';
import { Faults } from './lib/fault.mjs';
import { build, run, tempFolder } from './lib/run.mjs';
import { use } from './lib/store-tool.mjs';

const small = { EDGEPRESS_TEST_BLOCK_BYTES: '262144', EDGEPRESS_TEST_PAGE_KEYS: '3' };
const tls = await certificate();
const [azurite, sealed] = await Promise.all([Azurite.start(), Azurite.start({ tls, oauth: true })]);

async function keepsTheContract(store, env) {
	const result = await run([join(build, 'e2e', 'store_contract')], { env: { ...env, ...small, STORE: store } });
	assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
}

test('a container keeps the contract of every store', async () => {
	await keepsTheContract(await azurite.container('contract'), azurite.env);
});

test('so it does over https, whose certificate is verified', async () => {
	const store = await sealed.container('contract');
	await keepsTheContract(store, sealed.env);
	const [line] = await use(store, { AZURE_STORAGE_KEY: sealed.key }, ['get', 'a']);
	assert.match(line, /^UNTRUSTED .*certificate/);
});

test('other clients see type, lifetime and coding', async () => {
	const store = await azurite.container('seen', { open: true });
	const lines = await use(store, azurite.env, ['create', 'blobs/ab/one', 'text'], ['create', 'blobs/ab/one.br', 'text', 'br'],
		['swap', 'metadata/timestamp.json', 'two']);
	assert.deepEqual(lines, ['ok', 'ok', 'ok']);
	const one = await azurite.ask('GET', '/seen/blobs/ab/one', { anonymous: true });
	assert.equal(one.status, 200);
	assert.equal(one.body.toString(), 'text');
	assert.equal(one.headers['content-type'], 'text/plain');
	assert.equal(one.headers['cache-control'], 'public, max-age=31536000, immutable');
	assert.equal(one.headers['content-encoding'], undefined);
	const br = await azurite.ask('GET', '/seen/blobs/ab/one.br', { anonymous: true });
	assert.equal(br.headers['content-encoding'], 'br');
	const two = await azurite.ask('GET', '/seen/metadata/timestamp.json', { anonymous: true });
	assert.equal(two.headers['cache-control'], 'public, max-age=0, must-revalidate');
});

test('an object that is sent in blocks has its properties too', async () => {
	const store = await azurite.container('blocks', { open: true });
	const body = 'x'.repeat(3000);
	assert.deepEqual(await use(store, { ...azurite.env, EDGEPRESS_TEST_BLOCK_BYTES: '1000' }, ['create', 'a', body, 'gzip']), ['ok']);
	const seen = await azurite.ask('GET', '/blocks/a', { anonymous: true });
	assert.equal(seen.body.toString(), body);
	assert.equal(seen.headers['content-encoding'], 'gzip');
	assert.equal(seen.headers['content-type'], 'text/plain');
	assert.equal(seen.headers['content-md5'], createHash('md5').update(body).digest('base64'));
});

test('a public container is read without any right', async () => {
	const store = await azurite.container('public', { open: true });
	await use(store, azurite.env, ['create', 'a', 'text']);
	const nobody = { AZURE_STORAGE_AUTH_MODE: 'anonymous' };
	const [there, absent, written] = await use(store, nobody, ['get', 'a'], ['get', 'b'], ['create', 'c', 'x']);
	assert.match(there, /^ok "?\S+"? text$/);
	assert.match(absent, /^ABSENT /);
	assert.match(written, /^SETUP /);
});

test('a SAS token gives what it gives and no more', async () => {
	const store = await azurite.container('lent');
	const all = { AZURE_STORAGE_SAS_TOKEN: `?${azurite.sas('lent', 'racwdl')}` };
	assert.deepEqual(await use(store, all, ['create', 'a', 'text'], ['list'], ['remove', 'b']), ['ok', 'ok a:4', 'ok']);
	const reader = { AZURE_STORAGE_SAS_TOKEN: azurite.sas('lent', 'r') };
	const [got, written] = await use(store, reader, ['get', 'a'], ['create', 'b', 'x']);
	assert.match(got, /^ok .* text$/);
	assert.match(written, /^SETUP azblob store: b: PUT http\S+\/lent\/b: 403 AuthorizationPermissionMismatch: the right is missing/);
	const late = { AZURE_STORAGE_SAS_TOKEN: azurite.sas('lent', 'r', { minutes: -2 }) };
	assert.match((await use(store, late, ['get', 'a']))[0], /^SETUP .*403 AuthorizationFailure/);
	for (const line of [got, written])
		assert.doesNotMatch(line, /sig=/);
});

test('a connection string and a settings file are taken too', async () => {
	const store = await azurite.container('told');
	const string = `DefaultEndpointsProtocol=http;AccountName=edgepress;AccountKey=${azurite.key};EndpointSuffix=x`;
	assert.deepEqual(await use(store, { AZURE_STORAGE_CONNECTION_STRING: string }, ['create', 'a', 'x']), ['ok']);
	const file = join(tempFolder(), 'azure.env');
	writeFileSync(file, `# prod\n\nexport AZURE_STORAGE_KEY="${azurite.key}"\n`, { mode: 0o600 });
	assert.match((await use(`${store} ${file}`, { AZURE_STORAGE_KEY: 'wrong' }, ['get', 'a']))[0], /^ok .* x$/);
	const open = join(tempFolder(), 'azure.env');
	writeFileSync(open, `AZURE_STORAGE_KEY=${azurite.key}\n`, { mode: 0o644 });
	assert.match((await use(`${store} ${open}`, {}, ['get', 'a']))[0], /^SETUP .*azure\.env: everybody may read it: chmod 600/);
	writeFileSync(file, 'AZURE_STORAGE_KEY=x\nwhat is this\n');
	assert.match((await use(`${store} ${file}`, {}, ['get', 'a']))[0], /^SETUP .*azure\.env: line 2: is not NAME=value$/);
	assert.match((await use(`${store} ${file}.gone`, {}, ['get', 'a']))[0], /^SETUP .*azure\.env\.gone: /);
});

test('a SAS token that has expired is replaced in mid-run by the one in its file', async () => {
	const store = await azurite.container('rotated');
	const folder = tempFolder(), file = join(folder, 'azure.env');
	const put = (right) => {
		writeFileSync(`${file}.new`, `AZURE_STORAGE_SAS_TOKEN=${right}\n`, { mode: 0o600 });
		renameSync(`${file}.new`, file);
	};
	put(azurite.sas('rotated', 'racwdl', { minutes: -2 }));
	const using = use(`${store} ${file}`, {}, ['create', 'a', 'x'], ['pause', '700'], ['create', 'b', 'x'], ['many', '24', 'm']);
	setTimeout(() => put(azurite.sas('rotated', 'racwdl')), 350);
	const [before, , after, many] = await using;
	assert.match(before, /^SETUP .*403/);
	assert.equal(after, 'ok');
	assert.match(many, /^ok /);
});

test('what is wrong with the settings is said, and no secret with it', async () => {
	const store = await azurite.container('wrong');
	const key = azurite.key;
	const cases = [
		[azurite.store('nowhere'), { AZURE_STORAGE_KEY: key }, /^SETUP .*404 ContainerNotFound: the container does not exist: create it/],
		[store, { AZURE_STORAGE_KEY: Buffer.alloc(64).toString('base64') }, /^SETUP .*403 AuthorizationFailure: refused/],
		[store, { AZURE_STORAGE_KEY: `${key.slice(0, 40)}!` }, /^SETUP .*AZURE_STORAGE_KEY: the account key is not the base64/],
		[store, { AZURE_STORAGE_KEY: key, AZURE_STORAGE_ACCOUNT: 'other' }, /^SETUP .*the URL is of account 'edgepress', AZURE_STORAGE_ACCOUNT of 'other'/],
		[store, { AZURE_STORAGE_SAS_TOKEN: 'sv=1&secret' }, /^SETUP .*no sig=/],
		[store, { AZURE_STORAGE_AUTH_MODE: 'magic' }, /^SETUP .*key, login and anonymous/],
		['azblob:http://storage.example/acct/site', { AZURE_STORAGE_SAS_TOKEN: 'sig=hidden' }, /^SETUP .*may not travel over http/],
		[`${store}?sig=hidden`, {}, /^INPUT .*a URL of a store holds no secret/],
		['azblob:https://acct.blob.core.windows.net/', {}, /^INPUT .*is no URL such as/],
		['azblob:https://acct.blob.core.windows.net/Site', {}, /^INPUT .*is no URL such as/],
		['azblob:https://acct.blob.core.windows.net/site/../x', {}, /^INPUT .*no prefix/],
		['azblob:ftp://x', {}, /^INPUT .*is no URL such as/],
	];
	for (const [url, env, expected] of cases) {
		const [line] = await use(url, env, ['get', 'a']);
		assert.match(line, expected);
		assert.doesNotMatch(line.replace(url, ''), new RegExp(`hidden|${key.slice(0, 20).replace(/[+/]/g, '.')}`));
	}
});

test('an identity gets its token from the metadata service, once for many threads', async () => {
	const imds = await Faults.start();
	const token = bearer({});
	imds.rule(() => true, (rq) => rq.headers.metadata === 'true' && rq.method === 'GET'
		? json({ access_token: token, expires_on: String(Math.floor(Date.now() / 1000) + 3600), resource: 'https://storage.azure.com/', token_type: 'Bearer' })
		: { status: 400 }, 9);
	const store = await sealed.container('imds');
	const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: imds.url, AZURE_CLIENT_ID: 'c1', SSL_CERT_FILE: tls.cert };
	const [many] = await use(store, env, ['many', '60', 'm']);
	assert.match(many, /^ok /);
	assert.deepEqual(imds.seen.map((rq) => rq.url), ['/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F&client_id=c1']);
});

test('a metadata service that is not ready yet is asked again', async () => {
	const imds = await Faults.start();
	for (const status of [404, 429, 500])
		imds.rule(() => true, { status });
	imds.rule(() => true, () => json({ access_token: bearer({}), expires_in: '3600' }));
	const store = await sealed.container('late');
	const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: imds.url, SSL_CERT_FILE: tls.cert };
	assert.deepEqual(await use(store, env, ['create', 'a', 'x']), ['ok']);
	assert.equal(imds.seen.length, 4);
});

test('an App Service gives its token to whoever knows its header', async () => {
	const service = await Faults.start();
	service.rule(() => true, (rq) => rq.headers['x-identity-header'] === 'h-secret' && rq.headers.metadata === undefined
		? json({ access_token: bearer({}), expires_on: String(Math.floor(Date.now() / 1000) + 3600) })
		: { status: 401 }, 9);
	const store = await sealed.container('app');
	const env = { IDENTITY_ENDPOINT: `${service.url}/msi/token`, IDENTITY_HEADER: 'h-secret', SSL_CERT_FILE: tls.cert };
	assert.deepEqual(await use(store, env, ['create', 'a', 'x']), ['ok']);
	assert.equal(service.seen[0].url, '/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com%2F');
	const [refused] = await use(store, { ...env, IDENTITY_HEADER: 'h-other' }, ['get', 'a']);
	assert.match(refused, /^SETUP .*token of the App Service identity: answered 401/);
	assert.doesNotMatch(refused, /h-other/);
	const [half] = await use(store, { ...env, IDENTITY_HEADER: '' }, ['get', 'a']);
	assert.match(half, /^SETUP .*IDENTITY_ENDPOINT is set, but IDENTITY_HEADER is not/);
});

test('a pod gives its own token for one of the store, and renews it in mid-run', async () => {
	const authority = await Faults.start();
	const file = join(tempFolder(), 'token');
	writeFileSync(file, 'pod.token.1\n');
	const given = [];
	authority.rule(() => true, (rq) => {
		const form = new URLSearchParams(rq.body);
		if (rq.method !== 'POST' || rq.url !== '/tenant-1/oauth2/v2.0/token' || rq.headers['content-type'] !== 'application/x-www-form-urlencoded'
			|| form.get('grant_type') !== 'client_credentials' || form.get('client_id') !== 'client-1' || form.get('scope') !== 'https://storage.azure.com/.default'
			|| form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' || form.get('client_assertion') !== 'pod.token.1')
			return { status: 400 };
		given.push(bearer({ n: given.length }));
		return json({ token_type: 'Bearer', expires_in: 2, access_token: given.at(-1) });
	}, 9);
	const store = await sealed.container('pod');
	const env = { AZURE_FEDERATED_TOKEN_FILE: file, AZURE_TENANT_ID: 'tenant-1', AZURE_CLIENT_ID: 'client-1', AZURE_AUTHORITY_HOST: authority.url, SSL_CERT_FILE: tls.cert };
	assert.deepEqual(await use(store, env, ['create', 'a', 'x'], ['create', 'b', 'x'], ['pause', '1200'], ['create', 'c', 'x']), ['ok', 'ok', 'ok', 'ok']);
	assert.equal(given.length, 2);
});

function json(value) {
	return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

// What Azurite takes for a token of Azure's: it reads it, but has no key to verify it with.
function bearer(extra) {
	const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const now = Math.floor(Date.now() / 1000);
	return [part({ alg: 'RS256', typ: 'JWT' }), part({ aud: 'https://storage.azure.com/', iss: 'https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/',
		iat: now - 60, nbf: now - 60, exp: now + 3600, ...extra }), 'c2lnbmF0dXJl'].join('.');
}
