// Keys at rest: encrypted with a passphrase, taken from elsewhere, behind a program.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { edit } from './lib/files.mjs';
import { edgepress, run, tempFolder, top } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { download, makeClient } from './lib/tuf.mjs';
import { Repository } from './lib/tuf-repository.mjs';

const weather = ['documents/weather/en-us'];
const secret = { env: { EDGEPRESS_PASSPHRASE: 'blue horse' } };
const keyFiles = (site) => readdirSync(site.path('keys/local')).filter((name) => name.endsWith('.key'))
	.map((name) => site.path('keys/local', name));
const rest = async (site, role) => (await site.json('keys', 'list', 'local')).filter((key) => key.role === role);
let site;

before(async () => {
	site = await sampleSite({ documents: weather });
	await site.must('publish');
	await site.must('keys', 'encrypt', 'local', '--cost', 'interactive', secret);
});

test('encrypted key files hold no secret in plain, keep mode 0600 and say how they are encrypted', () => {
	assert.equal(keyFiles(site).length, 9);
	for (const path of keyFiles(site)) {
		const file = JSON.parse(readFileSync(path, 'utf8'));
		assert.equal(file.private, undefined, path);
		assert.equal(file.sealed.kdf, 'argon2id');
		assert.equal(file.sealed.memory, 64 << 20);
		assert.equal(statSync(path).mode & 0o777, 0o600);
	}
});

test('the passphrase comes from the environment or a descriptor, and signs', async () => {
	await site.must('timestamp', secret);
	const path = join(tempFolder(), 'passphrase');
	writeFileSync(path, 'blue horse\n');
	const result = await run(['/bin/sh', '-c', 'exec "$0" timestamp --passphrase-fd 5 5<"$1"', edgepress, path], { cwd: site.dir });
	assert.equal(result.code, 0, result.stderr);
	await site.must('verify', 'local');
});

test('the terminal is asked without echo', async () => {
	const type = `(until grep -q 'passphrase for' "$1"; do sleep 0.05; done; echo blue horse) 2>/dev/null`;
	const result = await run(['/bin/sh', '-c', `${type} | script -qefc "'$0' timestamp" "$1"`, edgepress, join(tempFolder(), 'typed')], { cwd: site.dir });
	assert.equal(result.code, 0, result.stdout + result.stderr);
	assert.match(result.stdout, /passphrase for .*timestamp\./);
	assert.match(result.stdout, /renewed/);
	const asked = result.stdout.slice(result.stdout.indexOf('passphrase for'));
	assert.ok(!asked.includes('blue horse'), asked);
});

test('a wrong passphrase, or none to be had, is said, and nothing is uploaded', async () => {
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>', '<run>wrong-']);
	const was = readdirSync(site.path('public'), { recursive: true }).length;
	const wrong = await site.run('publish', { env: { EDGEPRESS_PASSPHRASE: 'blue house' } });
	assert.equal(wrong.code, 1);
	assert.match(wrong.stderr, /\.key: wrong passphrase/);
	const none = await run(['setsid', '-w', edgepress, 'publish'], { cwd: site.dir });
	assert.equal(none.code, 1);
	assert.match(none.stderr, /--passphrase-fd N or EDGEPRESS_PASSPHRASE/);
	assert.equal(readdirSync(site.path('public'), { recursive: true }).length, was);
	await site.must('publish', secret);
});

test('a key that is made among encrypted ones is encrypted with the same passphrase', async () => {
	await site.must('keys', 'rotate', 'local', 'timestamp', secret);
	const keys = await rest(site, 'timestamp');
	assert.deepEqual(keys.map((key) => key.secret), ['encrypted', 'encrypted']);
	await site.must('timestamp', secret);
});

test('the passphrase can be changed, and taken off', async () => {
	await site.must('keys', 'passphrase', 'local', '--cost', 'interactive',
		{ env: { ...secret.env, EDGEPRESS_NEW_PASSPHRASE: 'red horse' } });
	assert.equal((await site.run('timestamp', secret)).code, 1);
	await site.must('timestamp', { env: { EDGEPRESS_PASSPHRASE: 'red horse' } });
	await site.must('keys', 'decrypt', 'local', { env: { EDGEPRESS_PASSPHRASE: 'red horse' } });
	await site.must('timestamp');
	assert.deepEqual((await rest(site, 'snapshot')).map((key) => key.secret), ['plain']);
});

test('a damaged or hostile encrypted key is refused without its cost being paid', async () => {
	const other = await sampleSite({ documents: weather });
	await other.must('keys', 'encrypt', 'local', '--cost', 'interactive', secret);
	const path = keyFiles(other).find((name) => name.includes('timestamp'));
	edit(path, ['"memory": 67108864', '"memory": 68719476736']);
	const started = Date.now();
	const { code, stderr } = await other.run('keys', 'list', 'local', secret);
	assert.equal(code, 1);
	assert.match(stderr, /timestamp.*damaged: sealed: .*memory/);
	assert.ok(Date.now() - started < 2000);
	edit(path, ['68719476736', '67108864'], ['"role": "timestamp"', '"role": "snapshot"']);
	const moved = await other.run('keys', 'decrypt', 'local', secret);
	assert.equal(moved.code, 1, 'a box is bound to its role');
	assert.match(moved.stderr, /wrong passphrase \(or the file is damaged\)/);
});

test('keys that exist are imported: PKCS#8 PEM and securesystemslib JSON; init takes them', async () => {
	const other = await sampleSite({ documents: weather, keys: false });
	const { privateKey } = generateKeyPairSync('ed25519');
	const pem = join(tempFolder(), 'timestamp.pem');
	writeFileSync(pem, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
	const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
	const hex = (text) => Buffer.from(text, 'base64url').toString('hex');
	const json = join(tempFolder(), 'snapshot.json');
	writeFileSync(json, JSON.stringify({ keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex(x), private: hex(d) } }), { mode: 0o600 });
	const { keyid } = await other.json('keys', 'import', 'local', 'timestamp', pem);
	const second = await other.json('keys', 'import', 'local', 'snapshot', json);
	await other.must('keys', 'init', 'local');
	const { roles, keys } = JSON.parse(readFileSync(other.path('trust/local.root.json'), 'utf8')).signed;
	assert.deepEqual(roles.timestamp.keyids, [keyid]);
	assert.deepEqual(roles.snapshot.keyids, [second.keyid]);
	assert.equal(keys[second.keyid].keyval.public, hex(x));
	await other.must('publish');
	await other.must('verify', 'local');
	writeFileSync(pem, 'no key', { mode: 0o600 });
	const { code, stderr } = await other.run('keys', 'import', 'local', 'targets', pem);
	assert.equal(code, 1);
	assert.match(stderr, /neither a PKCS#8 PEM/);
});

test('a program signs in place of a key file: the shipped example with OpenSSL', async () => {
	const other = await sampleSite({ documents: weather, keys: false });
	const folder = tempFolder();
	const { privateKey, publicKey } = generateKeyPairSync('ed25519');
	writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
	writeFileSync(join(folder, 'pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
	const signer = join(top, 'deploy/signers/openssl');
	await other.must('keys', 'signer', 'local', 'timestamp', join(folder, 'pub.pem'), signer, join(folder, 'key.pem'));
	await other.must('keys', 'init', 'local');
	await other.must('publish');
	await other.must('timestamp');
	await other.must('verify', 'local');
	assert.equal((await rest(other, 'timestamp'))[0].secret, 'command');

	// From here on the program goes wrong in each way it can.
	const path = keyFiles(other).find((name) => name.includes('timestamp'));
	const wrong = async (script, message) => {
		const file = JSON.parse(readFileSync(path, 'utf8'));
		writeFileSync(path, JSON.stringify({ ...file, command: ['/bin/sh', '-c', script], timeout: 1 }));
		const { code, stderr } = await other.run('timestamp');
		assert.notEqual(code, 0, script);
		assert.match(stderr, message, script);
		return stderr;
	};
	await wrong('cat >/dev/null; head -c 64 /dev/zero', /its signature is not one of key/);
	await wrong('cat >/dev/null; echo nonsense', /no Ed25519 signature/);
	assert.match(await wrong('echo the token is locked >&2; exit 3', /refused with exit code 3/), /the token is locked/);
	await wrong('yes', /more than a signature/);
	const started = Date.now();
	await wrong('exec sleep 60', /has not answered in time/);
	assert.ok(Date.now() - started < 5000);
	await wrong('test "$EDGEPRESS_ROLE $EDGEPRESS_SCHEME" = "timestamp ed25519" && exit 9; exit 1', /exit code 9/);
	writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), command: ['/no/such/program'] }));
	assert.match((await other.run('timestamp')).stderr, /cannot be started: No such file/);
	await other.must('verify', 'local'); // what was live still is
});

test('a passphrase is not handed on to the programs that are started', async () => {
	const other = await sampleSite({ documents: weather });
	await other.must('publish');
	const path = keyFiles(other).find((name) => name.includes('timestamp'));
	const { private: gone, ...file } = JSON.parse(readFileSync(path, 'utf8'));
	assert.equal(gone.length, 64);
	writeFileSync(path, JSON.stringify({ ...file, command: ['/bin/sh', '-c', 'env >&2; exit 1'] }));
	const { stderr } = await other.run('timestamp', secret);
	assert.match(stderr, /EDGEPRESS_ROLE=timestamp/);
	assert.ok(!stderr.includes('blue horse'));
});

test('a root.json made elsewhere is adopted with its keys: its clients go on from it', async () => {
	const other = await sampleSite({ documents: weather, keys: false });
	const elsewhere = new Repository('ed25519/ed25519');
	for (const role of ['root', 'targets', 'snapshot', 'timestamp']) {
		const [{ pair }] = elsewhere.signers[role];
		const pem = join(tempFolder(), `${role}.pem`);
		writeFileSync(pem, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
		await other.must('keys', 'import', 'local', role, pem);
	}
	elsewhere.publish('root');
	const root = join(tempFolder(), 'root.json');
	writeFileSync(root, elsewhere.last('root'));
	await other.must('keys', 'adopt', 'local', root);
	assert.deepEqual(readFileSync(other.path('trust/local.root.json')), elsewhere.last('root'));
	await other.must('publish');
	await other.serve();
	const client = makeClient(tempFolder(), other.url, root);
	assert.ok(await download(client, 'weather/en-us/bundle.json'));
	await other.must('keys', 'rotate', 'local', 'root'); // its keys are ours now
	assert.ok(await download(makeClient(tempFolder(), other.url, root), 'weather/en-us/bundle.json'));
	await other.stop();
	const strange = await sampleSite({ documents: weather, keys: false });
	elsewhere.alter('root', (file) => { file.signatures[0].sig = file.signatures[0].sig.replace(/^./, (c) => c === '0' ? '1' : '0'); });
	writeFileSync(root, elsewhere.last('root'));
	const { code, stderr } = await strange.run('keys', 'adopt', 'local', root);
	assert.equal(code, 1);
	assert.match(stderr, /signature: 0 of 1 needed keys of root/);
});

test('what expires soon is a warning, for people and for machines, and no failure', async () => {
	const other = await sampleSite({ documents: weather });
	await other.must('publish');
	assert.deepEqual((await other.json('status')).expiring, []);
	const soon = (days) => ({ env: { SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000) + days * 86400) } });
	const timestamp = await other.must('verify', 'local', soon(1.6));
	assert.match(timestamp.stderr, /warning: timestamp expires in 9 hours, at .*: edgepress timestamp/);
	const later = await other.must('status', '--json', soon(345));
	assert.match(later.stderr, /warning: root expires in (19|20) days.*keys renew/);
	const { expiring } = JSON.parse(later.stdout);
	assert.deepEqual(expiring.map(({ role }) => role).slice(0, 2), ['root', 'targets']);
	assert.ok([19, 20].includes(expiring[0].days_left));
});
