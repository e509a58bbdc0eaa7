// A stock TUF client reads what is published, from first contact through every ceremony.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { edit, sha256 } from './lib/files.mjs';
import { tempFolder, until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { download, makeClient, refresh, versions } from './lib/tuf.mjs';

const bundle = 'weather/en-us/bundle.json';
let site, anchor, veteran;
const device = () => makeClient(tempFolder(), site.url, anchor);

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/finance/de-de'] });
	anchor = join(tempFolder(), 'root.json');
	cpSync(site.path('trust/local.root.json'), anchor);
	await site.must('publish');
	await site.serve();
	veteran = device();
});

// What the shards of a verified manifest list, read over HTTP and checked against it.
async function entries(manifest) {
	const trees = await Promise.all(JSON.parse(manifest).shards.map(async ({ sha256: digest, size }) => {
		const { body } = await site.get(`/trees/${digest}`);
		assert.equal(sha256(body), digest);
		assert.equal(body.length, size);
		return JSON.parse(gunzipSync(body));
	}));
	return { documents: trees.flatMap(({ documents }) => documents), files: trees.flatMap(({ files }) => files) };
}

let edition = 0;
async function publishChange() {
	edition++;
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>', `<run>e${edition}-`]);
	await site.must('publish');
}

// `client` gets exactly the live manifest, and it holds the last edition.
async function reads(client, what) {
	const bytes = await download(client, bundle);
	assert.ok(bytes, what);
	assert.deepEqual(bytes, site.bundle('weather/en-us').bytes, what);
	if (edition)
		assert.match(JSON.stringify(await entries(bytes)), new RegExp(`"e${edition}-`), what);
}

test('a client on first contact reads the metadata and a bundle that equals the published one', async () => {
	await refresh(veteran);
	await reads(veteran, 'first contact');
	assert.equal(versions(veteran).timestamp, site.timestamp().signed.version);
	const manifest = JSON.parse(await download(veteran, 'finance/de-de/bundle.json'));
	assert.equal(manifest.vertical, 'finance');
	assert.equal(manifest.locale, 'de-de');
});

test('every file of the verified manifest is served with the bytes that its digest promises', async () => {
	const { files } = await entries(await download(veteran, bundle));
	assert.ok(files.length > 50);
	for (const file of files) {
		const { body, status } = await site.get(`/weather/en-us/${file.path}`);
		assert.equal(status, 200, file.path);
		assert.equal(sha256(body), file.sha256, file.path);
		assert.equal(body.length, file.size, file.path);
	}
});

test('a bundle that nobody publishes is not there, also for a client', async () => {
	assert.equal(await download(veteran, 'weather/xx-xx/bundle.json'), null);
});

test('the next publish is an update for the client', async () => {
	const was = versions(veteran);
	await publishChange();
	await reads(veteran, 'update');
	const now = versions(veteran);
	for (const role of ['timestamp', 'snapshot', 'weather'])
		assert.ok(now[role] > was[role], `${role}: ${was[role]} to ${now[role]}`);
	assert.equal(now.root, was.root);
});

test('a rollback is a newer version to the client, with the old content', async () => {
	const was = versions(veteran);
	const before = site.version();
	await publishChange();
	await site.must('rollback', 'local', '--to', String(before));
	const bytes = await download(veteran, bundle);
	assert.match(JSON.stringify(await entries(bytes)), new RegExp(`"e${edition - 1}-`));
	assert.deepEqual(bytes, site.bundle('weather/en-us').bytes);
	assert.ok(versions(veteran).snapshot > was.snapshot);
	assert.ok(versions(veteran).weather > was.weather);
	await publishChange();
	await reads(veteran, 'publish after rollback');
});

test('timestamp renews what the client trusts and changes nothing else', async () => {
	const was = versions(veteran);
	await site.must('timestamp');
	await until('the renewed timestamp', async () => (await refresh(veteran)).timestamp > was.timestamp, 3000);
	await reads(veteran, 'renewed timestamp');
	const now = versions(veteran);
	assert.ok(now.timestamp > was.timestamp);
	assert.equal(now.weather, was.weather);
});

// Key ids of a role as the newest root, or targets for a vertical, names them.
function keyids(role) {
	const { meta } = site.snapshot().signed;
	if (!['root', 'targets', 'snapshot', 'timestamp'].includes(role)) {
		const { delegations } = site.role('targets').signed;
		return delegations.roles.find(({ name }) => name === role).keyids;
	}
	assert.ok(meta);
	const newest = Math.max(...readdirSync(join(site.store, 'metadata'))
		.map((name) => /^(\d+)\.root\.json$/.exec(name)?.[1]).filter(Boolean).map(Number));
	return JSON.parse(readFileSync(join(site.store, 'metadata', `${newest}.root.json`), 'utf8'))
		.signed.roles[role].keyids;
}

for (const role of ['timestamp', 'snapshot', 'weather', 'targets', 'root']) {
	test(`after the key of ${role} is rotated, clients that were here before and new ones read on`, async () => {
		const was = keyids(role);
		const present = device();
		await refresh(present);
		await site.must('keys', 'rotate', 'local', role);
		const now = keyids(role);
		assert.ok(now.length > 0 && now.every((id) => !was.includes(id)), `${role}: ${was} to ${now}`);
		await reads(present, 'a client from just before');
		await reads(device(), 'a client on first contact with the first root');
		await site.must('verify', site.url);
		await publishChange();
		await reads(present, 'a publish with the new key');
		await reads(veteran, 'a client from long before');
		await reads(device(), 'a new client after that publish');
	});
}

test('old keys are not needed any more after they were rotated', async () => {
	const folder = site.path('keys/local');
	const needed = ['timestamp', 'snapshot', 'weather', 'finance'].flatMap((role) => keyids(role).map((id) =>
		`${role}.${id.slice(0, 8)}.key`));
	for (const name of readdirSync(folder))
		if (name.endsWith('.key') && !needed.includes(name))
			rmSync(join(folder, name));
	assert.deepEqual(readdirSync(folder).filter((name) => name.endsWith('.key')).sort(), [...needed].sort());
	await publishChange();
	await reads(veteran, 'a pipeline without root and targets keys');
});

test('a release that lacks a key names the role, the key id and the command to run', async () => {
	const [id] = keyids('finance');
	rmSync(site.path('keys/local', `finance.${id.slice(0, 8)}.key`));
	edit(site.path('documents/finance/de-de/usd-eur-2026-06.xml'), ['<run>', '<run>x-']);
	const version = site.version();
	const { code, stderr } = await site.run('publish', 'local', 'documents/finance/de-de');
	assert.equal(code, 1, stderr);
	assert.match(stderr, /finance/);
	assert.ok(stderr.includes(id.slice(0, 8)), stderr);
	assert.match(stderr, /edgepress keys/);
	assert.equal(site.version(), version);
});

test('keys list shows each key that is here with its role, and never a secret', async () => {
	const { stdout } = await site.must('keys', 'list', 'local');
	for (const role of ['snapshot', 'timestamp', 'weather']) {
		assert.match(stdout, new RegExp(`\\b${role}\\b`));
		assert.ok(stdout.includes(keyids(role)[0].slice(0, 8)), `${role} in ${stdout}`);
	}
	const secret = readFileSync(site.path('keys/local', readdirSync(site.path('keys/local'))
		.find((name) => name.startsWith('timestamp.'))), 'utf8');
	const [, hidden] = /"(?:secret|private|seed)[^"]*":\s*"([^"]{32,})"/.exec(secret) ?? [];
	assert.ok(hidden, `a secret is in the key file: ${Object.keys(JSON.parse(secret))}`);
	assert.ok(!stdout.includes(hidden.slice(0, 16)));
});

test('a vertical delegated later is trusted by clients that were here before', async () => {
	const more = await sampleSite({ documents: ['documents/weather/en-us'] });
	await more.must('publish');
	await more.serve();
	const client = makeClient(tempFolder(), more.url, more.path('trust/local.root.json'));
	await refresh(client);
	await more.must('keys', 'delegate', 'local', 'tides');
	await refresh(client);
	edit(more.path('documents/weather/en-us/oakland.xml'), ['<run>', '<run>x-']);
	await more.must('publish'); // a new vertical is live with the next release
	await refresh(client);
	const { delegations } = more.role('targets').signed;
	const role = delegations.roles.find(({ name }) => name === 'tides');
	assert.deepEqual(role.paths, ['tides/*/*']);
	assert.equal(role.terminating, true);
	await more.must('verify', more.url);
	await more.stop();
});
