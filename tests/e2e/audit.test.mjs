// The log of commits: who, what, when, from which input; followed by an implementation of its own.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { copyOf, edit, flipByte, list, sha256 } from './lib/files.mjs';
import { get } from './lib/http.mjs';
import { initSite } from './lib/site.mjs';
import { Follower, inclusionProof, rootByInclusion } from './lib/tlog.mjs';

const MANY = 300;
const inStore = (store) => (path) => Promise.resolve(readFileSync(join(store, 'log', path)));
const vkeyOf = async (site) => (await site.json('audit', 'local')).keys[0];

let site, documents, earlier, editions = 0;
// Another edition of a document, so that a publish has something to do.
function change(of = site) {
	const path = of.path(documents[0]);
	editions++;
	edit(path, [/<updated>[^<]*</.exec(readFileSync(path, 'utf8'))[0], `<updated>${new Date(Date.now() - 60000 + editions * 1000).toISOString().slice(0, 19)}Z<`]);
}
// The newest kept version with other content than the live one.
function other() {
	const target = site.role('weather').signed.targets['weather/en-us/bundle.json'];
	return String(target.custom.history.find((was) => was.sha256 !== target.hashes.sha256).version);
}
// One commit more, the quickest there is.
const commit = (options = {}) => site.must('rollback', 'local', '--to', other(), options);
before(async () => {
	site = await initSite();
	edit(site.path('edgepress.ini'), [/origins = .*/.exec(readFileSync(site.path('edgepress.ini'), 'utf8'))[0], '']);
	documents = list(site.path('documents')).filter((path) => path.endsWith('.xml')).map((path) => join('documents', path));
	await site.must('publish', { env: { EDGEPRESS_ACTOR: 'alice', EDGEPRESS_RUN: 'https://robot:token@ci.example/run/7' } });
});

test('each commit is told by whom, of what kind, when and from which input', async () => {
	change();
	await site.must('publish', '--note', 'evening\nedition \u2603', { env: { GITHUB_ACTOR: 'bob', GITHUB_SERVER_URL: 'https://github.example', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '9' } });
	await site.must('rollback', 'local', '--to', '1');
	const { commits } = await site.json('audit', 'local');
	assert.deepEqual(commits.map(({ version, kind }) => [version, kind]), [[1, 'publish'], [2, 'publish'], [3, 'rollback']]);
	assert.equal(commits[0].actor, 'alice');
	assert.equal(commits[0].run, 'https://ci.example/run/7', 'without the secret');
	assert.equal(commits[1].actor, 'bob');
	assert.equal(commits[1].run, 'https://github.example/o/r/actions/runs/9');
	assert.equal(commits[1].note, 'evening?edition ???');
	assert.match(commits[2].actor, /^[^@]+@[^@]+$/);
	assert.notEqual(commits[0].input, commits[1].input, 'another input');
	assert.equal(commits[2].input, commits[0].input, 'rolled back to the same input');
	for (const { time } of commits)
		assert.ok(Math.abs(Date.parse(time) - Date.now()) < 600000);
	const history = await site.json('history', 'local');
	assert.deepEqual(history.map(({ version, actor }) => [version, actor]), [[3, commits[2].actor], [2, 'bob'], [1, 'alice']]);
	assert.match((await site.must('history', 'local')).stdout, /version 1 .* by alice in https:\/\/ci\.example\/run\/7, input [0-9a-f]{12}/);
});

test('a document tells its input: anybody can make the digest again from the manifest', async () => {
	const { commits } = await site.json('audit', 'local');
	const { manifest, bytes } = site.bundle('weather/en-us');
	const last = commits.at(-1).bundles[0];
	assert.equal(last.name, 'weather/en-us');
	assert.equal(last.manifest, sha256(bytes));
	const canonical = (object) => `{${Object.keys(object).sort().map((key) => `${JSON.stringify(key)}:${typeof object[key] === 'string' || Array.isArray(object[key]) ? JSON.stringify(object[key]) : canonical(object[key])}`).join(',')}}`;
	const sources = manifest.shards.map((shard) => sha256(site.entries({ shards: [shard] }).documents.map(({ id, source }) => `${id} ${source.sha256}\n`).join('')));
	assert.deepEqual(sources, manifest.shards.map((shard) => shard.sources));
	assert.equal(last.input, sha256(canonical({ documents: sources, inputs: manifest.inputs })));
	assert.equal(commits.at(-1).input, sha256(`weather/en-us ${last.input}\n`));
});

test('a publish that changes nothing and a renewal of the timestamp are no commits', async () => {
	const { log } = await site.json('verify', 'local');
	await site.must('publish');
	await site.must('publish');
	const after = await site.json('verify', 'local');
	await site.must('timestamp', 'local');
	assert.equal((await site.json('verify', 'local')).log.size, after.log.size);
	assert.ok(after.log.size <= log.size + 1);
	earlier = copyOf(site.store);
});

test(`an independent reader follows ${MANY} commits, over the boundary of a tile`, async () => {
	const follower = new Follower(inStore(site.store), await vkeyOf(site));
	let { length } = await follower.follow();
	for (let i = 0; length < MANY; i++, length++) {
		await commit();
		if ([100, 254, 255, 256, 257].includes(length) || i % 60 === 0)
			assert.equal((await follower.follow()).length, length + 1);
	}
	const records = await follower.follow();
	assert.equal(records.length, MANY);
	records.forEach((record, i) => {
		assert.equal(record.tree.size, i, 'each comes behind those before it');
		assert.equal(record.previous, i === 0 ? '0'.repeat(64) : sha256(follower.entries[i - 1]));
	});
	const { signed } = site.snapshot();
	assert.equal(signed.custom.log.size, MANY);
	assert.equal(signed.custom.log.root, follower.seen.root.toString('hex'), 'TUF has signed the same tree');
	assert.equal(signed.custom.log.record, sha256(follower.entries.at(-1)));
	for (const m of [0, 1, 254, 255, 256, 298, 299])
		assert.deepEqual(rootByInclusion(follower.leaves[m], m, MANY, inclusionProof(follower.leaves, m)), follower.seen.root);
	assert.ok(existsSync(join(site.store, 'log/tile/0/000')), 'a whole tile');
	assert.ok(existsSync(join(site.store, 'log/tile/1/000.p/1')));
	const { log } = await site.json('verify', 'local');
	assert.equal(log.size, MANY);
	assert.equal((await site.json('audit', 'local')).commits.length, MANY);
});

test('the origin serves the log, from what it has checked', async () => {
	await site.serve();
	const read = async (path) => {
		const answer = await get(`${site.url}/log/${path}`);
		assert.equal(answer.status, 200, `${path}: ${answer.text}`);
		const wanted = path === 'checkpoint' ? /no-cache/ : /immutable/;
		assert.match(answer.headers['cache-control'], wanted);
		assert.equal(answer.headers['content-type'], path === 'checkpoint' ? 'text/plain; charset=utf-8' : 'application/octet-stream');
		return answer.body;
	};
	const follower = new Follower(read, await vkeyOf(site));
	assert.equal((await follower.follow()).length, MANY);
	assert.equal((await site.json('verify', site.url)).log.size, MANY);
	assert.equal((await site.json('audit', site.url)).commits.length, MANY);
	for (const path of ['tile/0/001.p/45', 'tile/0/002', 'tile/3/000', 'tile/entries/001.p/255', 'tile/0/1', 'tile/00/000', 'tile/0/x000/000', 'records/00.json', 'receipts'])
		assert.equal((await get(`${site.url}/log/${path}`)).status, 404, path);
	const tile = join(site.store, 'log/tile/entries/000');
	const good = readFileSync(tile);
	await site.stop();
	flipByte(tile);
	await site.serve();
	assert.equal((await get(`${site.url}/log/tile/entries/000`)).status, 502, 'never what was tampered with');
	writeFileSync(tile, good);
	await site.stop();
});

// Each done to a copy of a whole store; what verify and audit say of it.
const log = (store, ...parts) => join(store, 'log', ...parts);
const attacks = {
	'a record changed': [(store) => flipByte(log(store, 'tile/entries/000')), null, /tile\/entries\/000: record \d+ is not what was logged|is not what the log was made of/],
	'the newest records changed': [(store) => flipByte(log(store, 'tile/entries/001.p/44')), /tile\/entries\/001\.p\/44/, /tile\/entries\/001\.p\/44/],
	'a whole tile changed': [(store) => flipByte(log(store, 'tile/0/000')), null, /log\/tile\/0\/000 is not what the log was made of/],
	'a tile of the edge changed': [(store) => flipByte(log(store, 'tile/0/001.p/44')), /not what the log was made of/, /not what the log was made of/],
	'a tile missing': [(store) => rmSync(log(store, 'tile/1/000.p/1')), /tile\/1\/000/, /tile\/1\/000/],
	'two records swapped': [(store) => {
		const path = log(store, 'tile/entries/000');
		const bytes = readFileSync(path), one = 2 + bytes.readUInt16BE(0), two = one + 2 + bytes.readUInt16BE(one);
		writeFileSync(path, Buffer.concat([bytes.subarray(one, two), bytes.subarray(0, one), bytes.subarray(two)]));
	}, null, /record 0 is not what was logged/],
	'the checkpoint changed': [(store) => {
		const text = readFileSync(log(store, 'checkpoint'), 'utf8');
		writeFileSync(log(store, 'checkpoint'), text.replace('\n300\n', '\n299\n'));
	}, /log\/checkpoint: signature: 0 of 1/, /log\/checkpoint: signature: 0 of 1/],
	'the checkpoint gone': [(store) => rmSync(log(store, 'checkpoint')), /log\/checkpoint is not there/, /log\/checkpoint is not there/],
	'an old checkpoint': [(store, old) => copyFileSync(log(old, 'checkpoint'), log(store, 'checkpoint')), /withholds records/, /withholds records/],
	'metadata of an earlier day beside the log of today': [(store, old) =>
		copyFileSync(join(old, 'metadata/timestamp.json'), join(store, 'metadata/timestamp.json')), /rollback: the log has 300 records, the signed metadata knows of/, /rollback/],
};

test('whatever is changed in the log, verify or audit says what and where', async (t) => {
	const whole = copyOf(site.store);
	for (const [name, [attack, verifies, audits]] of Object.entries(attacks))
		await t.test(name, async () => {
			rmSync(site.store, { recursive: true });
			cpSync(whole, site.store, { recursive: true });
			attack(site.store, earlier);
			const { code, stderr } = await site.run('verify', 'local');
			if (verifies) {
				assert.equal(code, 1, stderr);
				assert.match(stderr, verifies);
			}
			const audit = await site.run('audit', 'local');
			assert.equal(audit.code, 1, audit.stderr);
			assert.match(audit.stderr, audits);
		});
	rmSync(site.store, { recursive: true });
	cpSync(whole, site.store, { recursive: true });
	await site.must('audit', 'local');
});

// From a machine that has not seen what was live: one that has refuses to publish over a store
// that went back (attacks.test.mjs).
const forget = () => rmSync(site.path('trust/local.seen.json'), { force: true });

// Put a copy of a store in the place of the live one.
function put(store) {
	rmSync(site.store, { recursive: true });
	cpSync(store, site.store, { recursive: true });
	forget();
}

test('a publisher that died after the commit leaves one record to be completed, whoever comes next does it', async () => {
	const before = copyOf(site.store);
	const seen = new Follower(inStore(site.store), await vkeyOf(site));
	const { length } = await seen.follow();
	await commit();
	const whole = copyOf(site.store);
	for (const tiles of [false, true]) { // died before the first file of the log, or before the checkpoint
		put(whole);
		copyFileSync(log(before, 'checkpoint'), log(site.store, 'checkpoint'));
		for (const path of list(log(site.store, 'tile')))
			if (!tiles && !existsSync(log(before, 'tile', path)))
				rmSync(log(site.store, 'tile', path));
		const told = (await site.json('verify', 'local')).log;
		assert.deepEqual([told.size, told.pending], [length + 1, true]);
		assert.equal((await site.json('audit', 'local')).commits.length, length + 1);
		assert.match((await site.must('verify', 'local')).stdout, /signed, but not in the checkpoint yet/);
		await site.must('timestamp', 'local');
		assert.equal((await site.json('verify', 'local')).log.pending, false);
		assert.deepEqual(readFileSync(log(site.store, 'checkpoint')), readFileSync(log(whole, 'checkpoint')), 'the same bytes');
	}
	assert.equal((await seen.follow()).length, length + 1);
	put(whole);
});

test('publishers that race each get one record, in the order of their versions, and no tile is written twice', async () => {
	const follower = new Follower(inStore(site.store), await vkeyOf(site));
	const { length } = await follower.follow();
	const first = site.version();
	const to = [other(), String(site.role('weather').signed.targets['weather/en-us/bundle.json'].custom.version)];
	const results = await Promise.all(Array.from({ length: 6 }, (_, i) =>
		site.must('rollback', 'local', '--to', to[i % 2], { env: { EDGEPRESS_ACTOR: `racer ${i}` } })));
	assert.equal(results.length, 6);
	const records = (await follower.follow()).slice(length);
	assert.ok(records.length >= 1 && records.length <= 6);
	assert.equal(new Set(records.map(({ actor }) => actor)).size, records.length, 'nobody twice');
	records.forEach(({ version }, i) => assert.ok(version > (i ? records[i - 1].version : first)));
	assert.equal(records.at(-1).version, site.version());
	for (const { stderr } of results)
		assert.doesNotMatch(stderr, /the log is behind/);
});

test('with a new key the log goes on: rotations are records, the checkpoint has the new signature', async () => {
	const had = await vkeyOf(site);
	await site.must('keys', 'rotate', 'local', 'snapshot');
	const now = await vkeyOf(site);
	assert.notEqual(now, had);
	const records = await new Follower(inStore(site.store), now).follow();
	assert.equal(records.at(-1).kind, 'keys');
	assert.equal(records.at(-1).note, 'rotate snapshot');
	await assert.rejects(new Follower(inStore(site.store), had).follow(), /no signature by the key of the log/);
});

test('a log that was rewritten with the right keys is found out by whoever kept a checkpoint', async () => {
	const before = copyOf(site.store);
	const seen = site.path('seen.txt');
	await commit();
	await site.must('verify', 'local', '--checkpoint', seen);
	put(before);
	const behind = await site.run('audit', 'local', '--checkpoint', seen);
	assert.equal(behind.code, 1);
	assert.match(behind.stderr, /records, but \d+ were seen before/);
	for (let i = 0; i < 2; i++)
		await commit({ env: { EDGEPRESS_ACTOR: 'mallory' } });
	await site.must('audit', 'local');
	const kept = readFileSync(seen);
	for (const command of ['verify', 'audit']) {
		const { code, stderr } = await site.run(command, 'local', '--checkpoint', seen);
		assert.equal(code, 1);
		assert.match(stderr, /fork: the log of \d+ records does not begin with the \d+ that were signed before/);
		assert.deepEqual(readFileSync(seen), kept, 'what was seen stays');
	}
});

test('an older timestamp.json that was restored does not make the log forget', async () => {
	const { length } = (await site.json('audit', 'local')).commits;
	const timestamp = join(site.store, 'metadata/timestamp.json');
	const old = readFileSync(timestamp);
	await commit();
	writeFileSync(timestamp, old);
	forget();
	await commit();
	const { commits } = await site.json('audit', 'local');
	assert.equal(commits.length, length + 2);
	await site.must('verify', 'local');
});
