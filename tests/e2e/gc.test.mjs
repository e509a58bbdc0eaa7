// gc makes room beside publishers, in a folder and in Azure Blob Storage, and takes nothing that
// a kept version needs.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Azurite } from './lib/azurite.mjs';
import { edit, list } from './lib/files.mjs';
import { sampleSite, weather } from './lib/site.mjs';

const editions = ['forecast', 'outlook', 'preview', 'prospects', 'look-ahead'];
let edition = 0;

async function publishNext(site, env) {
	edit(site.path('documents/weather/en-us/oakland.xml'),
		[`<title>Oakland ${editions[edition % editions.length]}`, `<title>Oakland ${editions[++edition % editions.length]}`]);
	await site.must('publish', { env });
}

async function fewVersions(store, documents = weather) {
	const site = await sampleSite({ documents, keys: false });
	edit(site.path('edgepress.ini'), ['store = file:public\n', `store = ${store}\nkeep = 2\n`]);
	return site;
}

let site;
before(async () => {
	site = await fewVersions('file:public');
	await site.must('keys', 'init', 'local');
	await site.must('publish');
	for (let i = 0; i < 3; i++)
		await publishNext(site);
});

test('young objects stay, and a dry run writes nothing', async () => {
	const before = list(site.store);
	assert.equal((await site.json('gc', 'local', '--dry-run')).removed.objects, 0);
	const would = await site.json('gc', 'local', '--dry-run', '--grace', '0s');
	assert.ok(would.removed.objects > 5);
	assert.equal(would.objects.length, would.removed.objects);
	assert.deepEqual(list(site.store), before);
	assert.equal((await site.json('gc', 'local')).removed.objects, 0);
});

test('what goes is what was told, and every kept version is whole and can be rolled back to', async () => {
	const would = await site.json('gc', 'local', '--dry-run', '--grace', '0s');
	const done = await site.json('gc', 'local', '--grace', '0s');
	assert.deepEqual(done.removed, would.removed);
	const left = new Set(list(site.store));
	assert.deepEqual(would.objects.filter((key) => left.has(key)), []);
	assert.equal((await site.json('fsck', 'local')).unneeded, 0);
	await site.must('verify', 'local');
	await site.must('audit', 'local');
	await site.must('rollback', 'local', '--to', '3');
	await site.must('verify', 'local');
	assert.equal((await site.json('gc', 'local', '--grace', '0s')).unknown.objects, 0);
});

test('a gc that was killed does no harm: the next one goes on, and publishers meanwhile', async () => {
	await publishNext(site);
	await publishNext(site);
	const gc = site.start('gc', 'local', '--grace', '0s');
	const state = () => {
		try {
			return readFileSync(join(site.store, 'gc/sweep'), 'utf8');
		} catch {
			return '';
		}
	};
	for (let i = 0; i < 2000 && !state().includes('removing'); i++)
		await new Promise((done) => setTimeout(done, 1));
	gc.kill('SIGKILL');
	await gc.ended.catch(() => null);
	assert.match(state(), /removing/);
	await publishNext(site);
	await site.must('verify', 'local');
	assert.equal((await site.run('gc', 'local', '--grace', '0s')).code, 75);
	assert.ok((await site.json('gc', 'local', '--grace', '0s', '--take-over')).removed.objects > 0);
	assert.equal((await site.json('fsck', 'local')).unneeded, 0);
});

test('in Azure Blob Storage it is the same, with publishers beside it', async () => {
	const azurite = await Azurite.start();
	const remote = await fewVersions(await azurite.container('site'), ['documents/weather/en-us/oakland.xml']);
	const { env } = azurite;
	edition = 0;
	await remote.must('keys', 'init', 'local', { env });
	await remote.must('publish', { env });
	await publishNext(remote, env);
	const [first] = await Promise.all([remote.json('gc', 'local', '--grace', '0s', { env }), publishNext(remote, env)]);
	const second = await remote.json('gc', 'local', '--grace', '0s', { env });
	assert.ok(first.removed.objects + second.removed.objects > 3);
	const { whole, unneeded } = await remote.json('fsck', 'local', { env });
	assert.deepEqual([whole, unneeded], [true, 0]);
});

test('objects that are not ours are never removed', async () => {
	writeFileSync(join(site.store, 'metadata', 'notes.json'), '{}');
	assert.equal((await site.json('gc', 'local', '--grace', '0s')).unknown.objects, 1);
	assert.ok(list(site.store).includes('metadata/notes.json'));
});
