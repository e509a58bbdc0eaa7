// What staging has becomes live in production: the same bytes, the same hashes, other keys.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { copyOf, digests, edit, flipByte, list } from './lib/files.mjs';
import { tempFolder } from './lib/run.mjs';
import { Editions } from './lib/editions.mjs';
import { sampleSite, write } from './lib/site.mjs';
import { download, makeClient } from './lib/tuf.mjs';

const bundle = 'weather/en-us', target = `${bundle}/bundle.json`;
let site, staging, client, editions;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/weather/de-de', 'documents/finance/de-de'] });
	const ini = site.path('edgepress.ini');
	write(ini, `${readFileSync(ini, 'utf8')}\n[target staging]\nstore = file:staging\n`);
	staging = site.path('staging');
	await site.must('keys', 'init', 'staging');
	editions = new Editions(site);
	await site.must('publish', 'staging');
	const anchor = join(tempFolder(), 'root.json');
	cpSync(site.path('trust/local.root.json'), anchor);
	client = () => makeClient(tempFolder(), site.url, anchor);
});
after(() => site?.stop());

async function change() {
	editions.next();
	await site.must('publish', 'staging');
}
const promote = (...args) => site.json('promote', 'staging', 'local', ...args);
const content = (store) => Object.fromEntries(Object.entries(digests(store)).filter(([path]) => /^(blobs|trees|targets)\//.test(path)));
const away = async (folder, work) => {
	renameSync(folder, `${folder}.away`);
	try {
		await work();
	} finally {
		renameSync(`${folder}.away`, folder);
	}
};

test('a dry run tells what would be copied, and writes nothing', async () => {
	const was = digests(site.store);
	const plan = await promote('--dry-run');
	assert.equal(plan.dry_run, true);
	assert.equal(plan.bundles.length, 3);
	assert.equal(plan.upload_objects, list(staging).filter((path) => /^(blobs|trees)\//.test(path)).length);
	assert.deepEqual(digests(site.store), was);
});

test('promoted without the keys of staging: the same manifests, shards and blobs, signed by the keys of production', async () => {
	await away(site.path('keys/staging'), async () => {
		const done = await promote();
		assert.equal(done.changed, true);
	});
	assert.deepEqual(content(site.store), content(staging));
	await site.serve();
	await site.must('verify', site.url, '--target', 'local');
	assert.match(await site.page(`/${bundle}/oakland.html`), /<html/);
	assert.deepEqual(await download(client(), target), site.bundle(bundle).bytes, 'a stock client accepts it');
	const { commits } = await site.json('audit', 'local');
	assert.equal(commits.at(-1).kind, 'promote');
	assert.match(commits.at(-1).note, /version 1 of staging/);
});

test('promoted again, nothing happens', async () => {
	const version = site.version();
	assert.equal((await promote()).changed, false);
	assert.equal(site.version(), version);
});

test('only what changed is copied and purged, and live when promote returns', async () => {
	await site.page(`/${bundle}/oakland.html`);
	await change();
	const was = content(site.store);
	const done = await promote();
	assert.ok((await site.page(`/${bundle}/oakland.html`)).includes(editions.text));
	const added = Object.keys(content(site.store)).filter((path) => !was[path]);
	assert.equal(done.upload_objects, added.filter((path) => !path.startsWith('targets/')).length, 'copied is what was not there');
	assert.ok(done.upload_objects < Object.keys(was).length / 2, `${done.upload_objects} of ${Object.keys(was).length}`);
	assert.deepEqual(done.bundles.map(({ locale }) => locale), ['en-us']);
	assert.ok(done.purged.includes('weather.en-us.oakland') && !done.purged.some((key) => key.includes('guam')));
	assert.deepEqual(content(site.store), content(staging));
});

test('one bundle, and an earlier version of it', async () => {
	const first = editions.text;
	await change();
	const version = site.version();
	assert.equal((await promote('finance/de-de')).changed, false, 'that one is the same');
	assert.equal(site.version(), version);
	await promote(bundle, '--version', '1');
	assert.equal(site.version(), version + 1);
	assert.ok(!(await site.page(`/${bundle}/oakland.html`)).includes(first));
	for (const args of [['--version', '77'], ['weather/xx-xx'], ['--version', '0']]) {
		const result = await site.run('promote', 'staging', 'local', ...args);
		assert.ok([1, 2].includes(result.code), result.stderr);
	}
	assert.equal(site.version(), version + 1);
	await promote();
	assert.ok((await site.page(`/${bundle}/oakland.html`)).includes(editions.text));
});

test('what is taken down in production is not brought back by staging', async () => {
	await site.must('takedown', 'local', `${bundle}/guam`, '--reason', 'x');
	const refused = await site.run('promote', 'staging', 'local');
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /'guam' is taken down at local/);
	assert.equal((await site.get(`/${bundle}/guam.html`)).status, 410);
	await site.must('takedown', 'staging', `${bundle}/guam`, '--reason', 'x');
	await promote();
	assert.equal((await site.get(`/${bundle}/guam.html`)).status, 410);
	for (const name of ['staging', 'local'])
		await site.must('takedown', name, `${bundle}/guam`, '--lift');
	await site.must('publish', 'staging');
	await promote();
	assert.equal((await site.get(`/${bundle}/guam.html`)).status, 200);
});

test('an earlier version does not bring back what staging has taken down since', async () => {
	const version = site.version();
	const { version: before } = await site.json('status', 'staging');
	await site.must('takedown', 'staging', `${bundle}/guam`, '--reason', 'x');
	for (const args of [[], ['--dry-run']]) {
		const refused = await site.run('promote', 'staging', 'local', '--version', String(before), ...args);
		assert.equal(refused.code, 1);
		assert.match(refused.stderr, /'guam' is in this version, but has been taken down since/);
	}
	assert.equal(site.version(), version);
	await site.must('takedown', 'staging', `${bundle}/guam`, '--lift');
	await site.must('publish', 'staging');
	await promote();
});

test('the guard stops a promotion that would make much disappear', async () => {
	await site.must('publish', 'staging', 'documents/weather/en-us/guam.xml', '--allow-large-change');
	const version = site.version();
	const result = await site.run('promote', 'staging', 'local');
	assert.equal(result.code, 5, result.stderr);
	assert.match(result.stderr, /max_removed/);
	assert.equal(site.version(), version);
	await site.must('publish', 'staging');
});

test('a blob that was tampered with at staging goes nowhere', async () => {
	const before = new Set(list(staging));
	await change();
	const was = site.version();
	const path = list(staging).find((one) => one.startsWith('blobs/') && !before.has(one));
	const whole = copyOf(staging);
	flipByte(join(staging, path));
	const result = await site.run('promote', 'staging', 'local');
	assert.equal(result.code, 1, result.stderr);
	assert.match(result.stderr, /not what was signed/);
	assert.equal(site.version(), was);
	assert.ok(!list(site.store).includes(path));
	rmSync(staging, { recursive: true });
	cpSync(whole, staging, { recursive: true });
	await promote();
	assert.ok(list(site.store).includes(path));
});

test('a staging that somebody has set back is refused', async () => {
	const old = copyOf(staging);
	await change();
	rmSync(staging, { recursive: true });
	cpSync(old, staging, { recursive: true });
	const result = await site.run('promote', 'staging', 'local');
	assert.equal(result.code, 1);
	assert.match(result.stderr, /staging: rollback/);
});
