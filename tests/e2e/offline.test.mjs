// A ceremony whose keys never meet: drafts are signed on machines that have no site, and put
// together. Stock clients follow through every step.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { edit, readJson } from './lib/files.mjs';
import { edgepress, run, tempFolder } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { download, makeClient, refresh } from './lib/tuf.mjs';

const bundle = 'weather/en-us/bundle.json';
let site, anchor, veteran;

// A machine somewhere else: it has its keys and what is carried there, and no site.
class Machine {
	constructor() {
		this.dir = tempFolder();
		this.keys = join(this.dir, 'keys');
	}

	async edgepress(...args) {
		const { code, stdout, stderr } = await run([edgepress, ...args, '--json'], { cwd: this.dir });
		assert.equal(code, 0, stderr);
		return JSON.parse(stdout);
	}

	make(role) {
		return this.edgepress('keys', 'make', this.keys, role);
	}

	async sign(draft, name) {
		const copy = join(this.dir, name);
		cpSync(draft, copy);
		await this.edgepress('keys', 'sign', copy, this.keys);
		return copy;
	}
}
const vault = new Machine();      // gets the keys of root and targets that `keys init` made
const people = [new Machine(), new Machine(), new Machine()];
let newRoot;

const roots = () => Math.max(...readdirSync(join(site.store, 'metadata')).map((name) => Number(/^(\d+)\.root\.json$/.exec(name)?.[1] ?? 0)));
const rootRoles = () => readJson(join(site.store, 'metadata', `${roots()}.root.json`)).signed.roles;
let edition = 0;
async function everybodyReads() {
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<run>', `<run>e${++edition}-`]);
	await site.must('publish');
	for (const client of [veteran, makeClient(tempFolder(), site.url, anchor)])
		assert.deepEqual(await download(client, bundle), site.bundle('weather/en-us').bytes, `edition ${edition}`);
}

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	await site.must('publish');
	anchor = join(tempFolder(), 'root.json');
	cpSync(site.path('trust/local.root.json'), anchor);
	mkdirSync(vault.keys, { mode: 0o700 });
	for (const name of readdirSync(site.path('keys/local')))
		if (/^(root|targets)\./.test(name))
			renameSync(site.path('keys/local', name), join(vault.keys, name));
	await site.serve();
	veteran = makeClient(tempFolder(), site.url, anchor);
	await refresh(veteran);
	newRoot = await Promise.all(people.map((person) => person.make('root')));
});

test('a draft is refused as long as one signature too few is on it, and says whose is missing', async () => {
	const old = rootRoles().root.keyids;
	const draft = join(tempFolder(), 'next.json');
	await site.must('keys', 'draft', 'local', draft,
		...newRoot.flatMap(({ public: key }) => ['add', 'root', key]),
		...old.flatMap((id) => ['remove', 'root', id.slice(0, 12)]));
	assert.equal(readJson(draft).signatures.length, 0);
	const copies = [await vault.sign(draft, 'a'), await people[0].sign(draft, 'b')];
	const one = await site.run('keys', 'apply', 'local', ...copies);
	assert.equal(one.code, 1);
	assert.match(one.stderr, /keys of the next root: signature: 1 of 2 needed keys of root/);
	const other = await site.run('keys', 'apply', 'local', copies[1], await people[2].sign(draft, 'c'));
	assert.match(other.stderr, /keys of the present root: signature: 0 of 2/);
	assert.equal(roots(), 1);
});

test('root goes to three people, any two of whom sign, and no machine ever had two of the keys', async () => {
	const old = rootRoles().root.keyids;
	const draft = join(tempFolder(), 'next.json');
	await site.must('keys', 'draft', 'local', draft, '--expires', '200d',
		...newRoot.flatMap(({ public: key }) => ['add', 'root', key]),
		...old.flatMap((id) => ['remove', 'root', id]));
	const copies = [await vault.sign(draft, 'a'), await people[0].sign(draft, 'b'), await people[2].sign(draft, 'c')];
	const whole = join(tempFolder(), 'whole.json');
	const { signatures } = await vault.edgepress('keys', 'assemble', whole, ...copies);
	assert.equal(signatures, 5);
	await site.must('keys', 'apply', 'local', whole);
	assert.deepEqual([...rootRoles().root.keyids].sort(), newRoot.map(({ keyid }) => keyid).sort());
	await everybodyReads();
});

test('thresholds change the same way: from here all three have to sign', async () => {
	const draft = join(tempFolder(), 'next.json');
	await site.must('keys', 'draft', 'local', draft, 'threshold', 'root', '3');
	const copies = [];
	for (const [i, person] of people.entries())
		copies.push(await person.sign(draft, String(i)));
	const few = await site.run('keys', 'apply', 'local', copies[0], copies[2]);
	assert.match(few.stderr, /signature: 2 of 3 needed keys of root/);
	await site.must('keys', 'apply', 'local', ...copies);
	assert.equal(rootRoles().root.threshold, 3);
	await everybodyReads();
});

// Draft a change, have everybody sign it, bring it live.
let agreed = 0;
async function agree(changes, signers = people) {
	agreed++;
	const draft = join(tempFolder(), 'next.json');
	await site.must('keys', 'draft', 'local', draft, ...changes);
	const copies = await Promise.all(signers.map((machine, i) => machine.sign(draft, `agree-${agreed}-${i}`)));
	return copies;
}

test('an online key is rotated with root keys that stay apart: old and new client read on', async () => {
	const [old] = rootRoles().timestamp.keyids;
	const { public: key, keyid } = await site.json('keys', 'make', 'keys/local', 'timestamp');
	const copies = await agree(['add', 'timestamp', key, 'remove', 'timestamp', old]);
	await site.must('keys', 'apply', 'local', ...copies);
	assert.deepEqual(rootRoles().timestamp.keyids, [keyid]);
	await everybodyReads();
	assert.deepEqual(site.timestamp().signatures.map((s) => s.keyid), [keyid]);
});

test('the key of targets, which is offline too, is replaced by two drafts applied at once', async () => {
	const holder = new Machine();
	const [old] = rootRoles().targets.keyids;
	const { public: key, keyid } = await holder.make('targets');
	const root = await agree(['add', 'targets', key, 'remove', 'targets', old]);
	// targets.json as it is, but signed by both: adding a second key for weather makes a next version
	const weather = await site.json('keys', 'make', 'keys/local', 'weather');
	const list = await agree(['add', 'weather', weather.public], [vault, holder]);
	const half = await site.run('keys', 'apply', 'local', ...root, list[0]);
	assert.match(half.stderr, /keys of the next root: signature: 0 of 1 needed keys of targets/);
	await site.must('keys', 'apply', 'local', ...root, ...list);
	assert.deepEqual(rootRoles().targets.keyids, [keyid]);
	assert.equal(site.role('targets').signed.delegations.roles.find(({ name }) => name === 'weather').keyids.length, 2);
	rmSync(vault.keys, { recursive: true }); // nobody needs the first keys any more
	people.push(holder);
	await everybodyReads();
});

test('a vertical is delegated and revoked with the targets key elsewhere', async () => {
	const holder = people.pop();
	const { public: key } = await site.json('keys', 'make', 'keys/local', 'tides');
	await site.must('keys', 'apply', 'local', ...await agree(['add', 'tides', key], [holder]));
	await everybodyReads();
	assert.ok(site.snapshot().signed.meta['tides.json']);
	const stolen = site.role('weather').signatures[0].keyid;
	await site.must('keys', 'apply', 'local', ...await agree(['remove', 'weather', stolen], [holder]));
	await everybodyReads();
	assert.ok(!site.role('weather').signatures.some((s) => s.keyid === stolen));
});

test('a draft that others were faster than is refused, as are copies of different drafts', async () => {
	const late = await agree([]);
	await site.must('keys', 'apply', 'local', ...await agree([]));
	const { code, stderr } = await site.run('keys', 'apply', 'local', ...late);
	assert.equal(code, 4);
	assert.match(stderr, /cannot follow version .*make a new draft/);
	const mixed = await run([edgepress, 'keys', 'assemble', join(tempFolder(), 'x'), late[0], (await agree([]))[1]]);
	assert.equal(mixed.code, 1);
	assert.match(mixed.stderr, /of another draft/);
});

test('a stolen online key is revoked without being used once more; what its thief signs is refused', async () => {
	const [old] = rootRoles().snapshot.keyids;
	const { public: key, keyid } = await site.json('keys', 'make', 'keys/local', 'snapshot');
	const before = readFileSync(join(site.store, 'metadata', `${site.version()}.snapshot.json`));
	await site.must('keys', 'apply', 'local', '--old-is-lost', ...await agree(['add', 'snapshot', key, 'remove', 'snapshot', old]));
	const path = join(site.store, 'metadata', `${site.version()}.snapshot.json`);
	assert.deepEqual(readJson(path).signatures.map((s) => s.keyid), [keyid]);
	await everybodyReads();
	assert.ok(before.includes(old));
});

test('changes that make no sense are refused when they are drafted', async () => {
	const draft = () => join(tempFolder(), 'x.json');
	for (const [changes, why] of [
		[['threshold', 'root', '4'], /root would have 3 keys and need 4/],
		[['remove', 'root', 'abc'], /at least 8 digits/],
		[['remove', 'timestamp', '0000000000'], /has 0 keys whose id begins/],
		[['add', 'root', newRoot[0].public], /has key .* already/],
		[['add', 'tides2', newRoot[0].public, 'threshold', 'root', '2'], /make two drafts/],
		[['add', 'root'], /a change has three words/],
		[['grow', 'root', 'x'], /none of add, remove, threshold/],
	]) {
		const { code, stderr } = await site.run('keys', 'draft', 'local', draft(), ...changes);
		assert.equal(code, 1, String(changes));
		assert.match(stderr, why);
	}
});
