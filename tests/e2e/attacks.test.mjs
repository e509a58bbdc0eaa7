// The attacks that the TUF specification names (1.5.2), one test each, on `edgepress verify` and on
// the origin. The attacker owns the store, and where it says so, keys.
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { edit, flipByte, readJson, sha256 } from './lib/files.mjs';
import { edgepress, run, tempFolder, until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { canonical, Signer } from './lib/tuf-repository.mjs';

const page = '/weather/en-us/oakland.html';
const metadata = (name) => join(site.store, 'metadata', name);
let site, good, clean;

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/finance/de-de'] });
	edit(site.path('edgepress.ini'), ['[origin]', '[origin]\nfreshness = 100ms']);
	await site.must('publish');
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>', '<run>second-']);
	await site.must('publish');
	clean = join(tempFolder(), 'clean');
	cpSync(site.dir, clean, { recursive: true });
	await site.serve();
	good = await site.page(page);
});
// As it was before the attack: store, keys and what was seen.
afterEach(async () => {
	await site.stop();
	for (const folder of ['public', 'keys', 'trust']) {
		rmSync(site.path(folder), { recursive: true, force: true });
		cpSync(join(clean, folder), site.path(folder), { recursive: true });
	}
	rmSync(site.path('state'), { recursive: true, force: true });
	await site.serve();
	assert.equal(await site.page(page), good);
});

const keyOf = (role) => {
	const file = readJson(site.path('keys/local', readdirSync(site.path('keys/local')).find((name) => name.startsWith(`${role}.`))));
	return createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(file.private, 'hex')]), format: 'der', type: 'pkcs8' });
};
const keyIds = (role) => readJson(metadata('1.root.json')).signed.roles[role]?.keyids
	?? site.role('targets').signed.delegations.roles.find(({ name }) => name === role).keyids;

// Metadata signed with the keys of our site, as whoever stole them would.
function forge(role, signed) {
	const signatures = [{ keyid: keyIds(role)[0], sig: sign(null, Buffer.from(canonical(signed)), keyOf(role)).toString('hex') }];
	return Buffer.from(canonical({ signatures, signed }));
}
const entry = (bytes) => ({ version: JSON.parse(bytes).signed.version, length: bytes.length, hashes: { sha256: sha256(bytes) } });
function putSnapshot(change) {
	const { signed } = site.snapshot();
	change(signed);
	const bytes = forge('snapshot', signed);
	writeFileSync(metadata(`${signed.version}.snapshot.json`), bytes);
	const timestamp = site.timestamp().signed;
	timestamp.version++;
	timestamp.meta['snapshot.json'] = entry(bytes);
	writeFileSync(metadata('timestamp.json'), forge('timestamp', timestamp));
}

// verify names it; the origin goes on with what it trusted. restarted: also one that knows nothing.
async function refused(why, { env = {}, restarted = true } = {}) {
	const { code, stderr } = await site.run('verify', 'local', { env });
	assert.notEqual(code, 0, 'verify took it');
	assert.match(stderr, why);
	await new Promise((wake) => setTimeout(wake, 400)); // the origin has looked
	assert.equal(await site.page(page), good);
	if (!restarted)
		return;
	await site.stop();
	rmSync(site.path('state'), { recursive: true, force: true });
	await site.serve({ ready: false });
	const answer = await site.get(page);
	assert.ok(answer.status >= 500, `${answer.status}: an origin that has never seen better serves nothing`);
}

test('arbitrary installation attack: content that nobody signed is not served', async () => {
	const thief = new Signer('ed25519/ed25519');
	const { signed } = site.snapshot();
	signed.version++;
	const text = canonical(signed);
	const bytes = Buffer.from(canonical({ signatures: [{ keyid: keyIds('snapshot')[0], sig: thief.sign(text) }], signed }));
	writeFileSync(metadata(`${signed.version}.snapshot.json`), bytes);
	const timestamp = site.timestamp().signed;
	timestamp.version++;
	timestamp.meta['snapshot.json'] = entry(bytes);
	writeFileSync(metadata('timestamp.json'), canonical({ signatures: [{ keyid: keyIds('timestamp')[0], sig: thief.sign(canonical(timestamp)) }], signed: timestamp }));
	await refused(/signature: 0 of 1 needed keys of timestamp/);
});

test('endless data attack: reading stops at the bound', async () => {
	writeFileSync(metadata('timestamp.json'), Buffer.concat([readFileSync(metadata('timestamp.json')), Buffer.alloc(50 << 20, ' ')]));
	await refused(/endless data|at most 16384/);
});

test('extraneous dependencies attack: TUF names it for packages, and a bundle has none; a role cannot bring in paths of another', async () => {
	const list = site.role('weather').signed;
	list.targets['finance/de-de/bundle.json'] = Object.values(list.targets)[0];
	const bytes = forge('weather', list);
	writeFileSync(metadata(`${list.version}.weather.json`), bytes);
	putSnapshot((snapshot) => { snapshot.meta['weather.json'] = entry(bytes); });
	await refused(/weather may list weather\/LOCALE\/NAME only/);
});

test('fast-forward attack: versions driven up with a stolen key count no more once it is revoked', async () => {
	const timestamp = site.timestamp().signed;
	timestamp.version = 2 ** 53 - 1;
	writeFileSync(metadata('timestamp.json'), forge('timestamp', timestamp));
	await site.must('verify', 'local'); // it is well signed: this client has taken it
	await new Promise((wake) => setTimeout(wake, 400));
	await site.must('keys', 'revoke', 'local', 'timestamp');
	assert.ok(site.timestamp().signed.version < 1000);
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>', '<run>after-']);
	await site.must('publish');
	await site.must('verify', 'local');
	await until('the origin to follow', async () => readJson(metadata('timestamp.json')).signed.version === JSON.parse((await site.get('/metadata/timestamp.json')).text).signed.version);
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>after-', '<run>']);
});

test('indefinite freeze attack: what was current once is refused when it expires', async () => {
	const env = { SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000) + 3 * 86400) };
	const { code, stderr } = await site.run('verify', 'local', { env });
	assert.equal(code, 1);
	assert.match(stderr, /freeze: timestamp version \d+ expired at/);
	await site.stop();
	await site.serve({ ready: false, env });
	await until('the origin to say so', () => /expired/.test(site.origin.text('stderr')));
});

test('malicious mirrors attack: a mirror can refuse, but not lie', async () => {
	for (const answer of [[200, 'lies'], [404, ''], [500, ''], [302, '']]) {
		const mirror = createServer((request, response) => response.writeHead(answer[0], { location: '/' }).end(answer[1]));
		await new Promise((ready) => mirror.listen(0, '127.0.0.1', ready));
		const { code } = await site.run('verify', `http://127.0.0.1:${mirror.address().port}`);
		assert.ok(code === 1 || code === 75, `${answer}: ${code}`);
		await new Promise((done) => mirror.close(done));
	}
	for (const name of readdirSync(site.path('public/metadata')).filter((file) => /weather/.test(file)))
		flipByte(metadata(name)); // the origin's mirror is its store
	await refused(/weather/);
});

test('mix-and-match attack: files that were never current together are refused', async () => {
	const { version } = site.snapshot().signed.meta['weather.json'];
	const older = readdirSync(site.path('public/metadata')).filter((name) => name.endsWith('.weather.json') && !name.startsWith(`${version}.`));
	cpSync(metadata(older[0]), metadata(`${version}.weather.json`));
	await refused(/mix-and-match/);
});

test('rollback attack: an older version is not taken by who has seen a newer one', async () => {
	const first = readFileSync(metadata('timestamp.json'));
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland forecast, edition qab']);
	await site.must('publish');
	edit(site.path('documents/weather/en-us/oakland.xml'), [', edition qab', '']);
	const newer = (await until('the origin to follow', async () => {
		const text = await site.page(page);
		return text !== good && text;
	}));
	writeFileSync(metadata('timestamp.json'), first);
	const { code, stderr } = await site.run('verify', 'local');
	assert.equal(code, 1);
	assert.match(stderr, /rollback/);
	await new Promise((wake) => setTimeout(wake, 400));
	assert.equal(await site.page(page), newer);
	const publish = await site.run('timestamp');
	assert.equal(publish.code, 1);
	assert.match(publish.stderr, /rollback: timestamp version .* was seen from here.*edgepress keys resume local/);
	await site.must('keys', 'resume', 'local');
	await site.must('verify', 'local');
	await until('the origin to follow again', async () => await site.page(page) === good);
});

test('a store that was restored from an older copy is published to again, by who has copies of the newer one', async () => {
	const document = site.path('documents/weather/en-us/oakland.xml');
	const backup = join(tempFolder(), 'backup');
	cpSync(site.store, backup, { recursive: true });
	edit(document, ['<run>second-', '<run>third-']);
	await site.must('publish');
	rmSync(site.store, { recursive: true });
	cpSync(backup, site.store, { recursive: true });
	await site.must('keys', 'resume', 'local');
	await site.must('publish');
	const { stderr } = await site.must('publish');
	assert.doesNotMatch(stderr, /without the cache/, 'copies are of this history again');
	await site.must('verify', 'local');
	edit(document, ['<run>third-', '<run>second-']);
});

test('slow retrieval attack: a source that drips is given up', async () => {
	const drip = createServer((request, response) => {
		response.writeHead(200, { 'content-length': 10000 });
		const timer = setInterval(() => response.write(' '), 500);
		response.on('close', () => clearInterval(timer));
	});
	await new Promise((ready) => drip.listen(0, '127.0.0.1', ready));
	after(() => drip.closeAllConnections());
	const started = Date.now();
	const { code } = await run([edgepress, 'verify', `http://127.0.0.1:${drip.address().port}`], { cwd: site.dir });
	assert.equal(code, 75);
	assert.ok(Date.now() - started < 20000);
	drip.closeAllConnections();
	drip.close();
});

test('vulnerability to key compromises: the timestamp key alone makes no content, and after a revocation nothing at all', async () => {
	const timestamp = site.timestamp().signed;
	const list = site.snapshot().signed;
	const bytes = Buffer.from(canonical({ signatures: [], signed: { ...list, version: list.version + 1 } }));
	writeFileSync(metadata(`${list.version + 1}.snapshot.json`), bytes);
	const forged = forge('timestamp', { ...timestamp, version: timestamp.version + 1, meta: { 'snapshot.json': entry(bytes) } });
	writeFileSync(metadata('timestamp.json'), forged);
	await refused(/signature: 0 of 1 needed keys of snapshot/, { restarted: false });
	writeFileSync(metadata('timestamp.json'), forge('timestamp', timestamp));
	await site.must('keys', 'revoke', 'local', 'timestamp');
	writeFileSync(metadata('timestamp.json'), forged);
	await refused(/signature: 0 of 1 needed keys of timestamp/, { restarted: false });
});

test('wrong software installation: a file of the site under another name is refused', async () => {
	const { manifest } = site.bundle('weather/en-us');
	const blob = (path) => {
		const { sha256: hex } = manifest.files.find((file) => file.path === path);
		return join(site.store, 'blobs', hex.slice(0, 2), hex);
	};
	cpSync(blob('index.html'), blob('oakland.html'));
	const { code, stderr } = await site.run('verify', 'local');
	assert.equal(code, 1);
	assert.match(stderr, /blobs\/.*(tampered with|at most)/);
	await site.stop();
	await site.serve();
	const answer = await site.get(page);
	assert.ok(answer.status >= 500, `${answer.status}`);
});
