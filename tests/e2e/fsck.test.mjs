// What is lost or damaged in a store is found, made again where that is possible, and told
// exactly where it is not.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, test } from 'node:test';
import { edit } from './lib/files.mjs';
import { sampleSite, weather, list } from './lib/site.mjs';

let site;

before(async () => {
	site = await sampleSite({ documents: weather });
	await site.must('publish');
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	await site.must('publish');
	cpSync(site.store, site.path('backup'), { recursive: true });
});

const blob = (file, form) => join(site.store, 'blobs', (form ? file[form] : file).sha256.slice(0, 2),
	(form ? file[form] : file).sha256 + (form ? { gzip: '.gz', br: '.br', zstd: '.zst' }[form] : ''));
const file = (path) => site.bundle('weather/en-us').manifest.files.find((one) => one.path === path);
const spoil = (path) => writeFileSync(path, 'spoiled');

function restore() {
	rmSync(site.store, { recursive: true });
	rmSync(site.path('trust/local.seen.json'), { force: true }); // that it goes back is meant
	cpSync(site.path('backup'), site.store, { recursive: true });
}

afterEach(restore);

async function fsck(...args) {
	const { code, stdout, stderr } = await site.run('fsck', 'local', '--json', ...args);
	assert.notEqual(stdout, '', stderr);
	return { code, ...JSON.parse(stdout) };
}

// From damage to a site that can be read, checked and published to.
async function assertMended() {
	assert.equal((await fsck()).code, 0);
	await site.must('verify', 'local');
	await site.must('publish');
	await site.must('verify', 'local');
	assert.equal((await fsck()).code, 0);
}

test('a store that is whole is said to be, and nothing is written', async () => {
	const before = site.timestamp().signed.version;
	const result = await fsck('--repair');
	assert.equal(result.code, 0);
	assert.equal(result.whole, true);
	assert.ok(result.objects > 40, `${result.objects}`);
	assert.deepEqual(result.findings, []);
	assert.equal(site.timestamp().signed.version, before);
});

test('coded forms and the files behind them are made again from each other', async () => {
	rmSync(blob(file('oakland.html'), 'br'));
	spoil(blob(file('oakland.html'), 'zstd'));
	spoil(blob(file('index.html')));
	const found = await fsck();
	assert.equal(found.code, 1);
	assert.equal(found.found.missing, 1);
	assert.equal(found.found.damaged, 2);
	assert.ok(found.findings.some((one) => one.what.endsWith('index.html')));
	const mended = await fsck('--repair');
	assert.equal(mended.code, 0);
	assert.equal(mended.found.repaired, 3);
	await assertMended();
});

test('files of the log are made again from its records', async () => {
	rmSync(join(site.store, 'log/tile'), { recursive: true });
	spoil(join(site.store, 'log/checkpoint'));
	assert.equal((await fsck()).code, 1);
	assert.equal((await fsck('--repair')).code, 0);
	await site.must('audit', 'local');
	await assertMended();
});

test('another store gives back what this one has lost: manifests, shards, sources', async () => {
	const { path, manifest } = site.bundle('weather/en-us');
	rmSync(path);
	spoil(site.shardPath(manifest.shards[0]));
	rmSync(join(site.store, 'blobs'), { recursive: true });
	assert.equal((await fsck('--repair')).code, 1);
	assert.equal((await fsck('--repair', '--from', `file:${site.path('backup')}`)).code, 0);
	await assertMended();
});

test('a document that is lost is left out, told, and comes back with the next publish', async () => {
	const documents = site.bundle('weather/en-us').manifest.documents.length;
	const lost = file('oakland.html');
	for (const form of ['gzip', 'br', 'zstd'])
		if (lost[form])
			rmSync(blob(lost, form));
	spoil(blob(lost));
	const told = await fsck('--repair');
	assert.equal(told.code, 1);
	assert.ok(told.found.lost > 0);
	assert.ok(told.findings.some((one) => one.state === 'lost' && one.what.includes('oakland.html')));
	const mended = await fsck('--repair', '--lost', 'drop');
	assert.equal(mended.code, 0);
	assert.deepEqual(mended.findings.filter((one) => one.state === 'dropped').map((one) => one.key), ['oakland']);
	assert.equal(site.bundle('weather/en-us').manifest.documents.length, documents - 1);
	await assertMended();
	assert.equal(site.bundle('weather/en-us').manifest.documents.length, documents);
	assert.ok(existsSync(blob(file('oakland.html'))));
	await site.must('gc', 'local', '--grace', '0s');
	await assertMended();
});

for (const how of ['drop', 'rollback'])
	test(`a live manifest that is damaged stops who has no copy of it; --lost ${how} and a publish mend it`, async () => {
		spoil(site.bundle('weather/en-us').path);
		await site.must('publish'); // this machine has what it was
		assert.notEqual((await site.run('publish', '--no-cache')).code, 0);
		assert.equal((await fsck()).code, 1);
		const mended = await fsck('--repair', '--lost', how);
		assert.equal(mended.code, 0);
		assert.ok(mended.findings.some((one) => one.state === 'dropped' && /after version 1/.test(one.key)));
		assert.match(JSON.stringify(site.bundle('weather/en-us').manifest), /Oakland forecast/);
		await assertMended();
		assert.match(JSON.stringify(site.bundle('weather/en-us').manifest), /Oakland outlook/);
	});

test('objects that are not ours are told and left alone', async () => {
	writeFileSync(join(site.store, 'blobs', 'notes.txt'), 'mine');
	const result = await fsck('--repair');
	assert.equal(result.code, 0);
	assert.deepEqual(result.findings.map((one) => one.key), ['blobs/notes.txt']);
	assert.equal(readFileSync(join(site.store, 'blobs', 'notes.txt'), 'utf8'), 'mine');
});

test('purges that nobody finished are finished', async () => {
	const receipt = list(join(site.store, 'receipts')).find((name) => name.endsWith('2.done'));
	rmSync(join(site.store, 'receipts', '2.done'));
	assert.ok(receipt);
	assert.equal((await fsck()).found.unfinished, 1);
	assert.equal((await fsck('--repair')).code, 0);
	assert.ok(existsSync(join(site.store, 'receipts', '2.done')));
});
