// Many publishers at once, no lock server: the store's compare-and-swap is all they have.
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Azurite } from './lib/azurite.mjs';
import { edit } from './lib/files.mjs';
import { get, serveFolder } from './lib/http.mjs';
import { readFolder } from './lib/reader.mjs';
import { tempFolder } from './lib/run.mjs';
import { Site } from './lib/site.mjs';
import { smallSite, text } from './lib/small.mjs';
import { makeClient, refresh } from './lib/tuf.mjs';

// EDGEPRESS_MANY="16x25": publishers, and publishes of each.
const [publishers, rounds] = (process.env.EDGEPRESS_MANY ?? '5x4').split('x').map(Number);
const locales = ['gb', 'ca', 'au', 'nz', 'ie', 'in', 'sg', 'hk', 'ph', 'ng', 'ke', 'jm', 'bz', 'tt', 'mt', 'us'].map((country) => `en-${country}`);
const shared = 'en-zw';

// A pipeline's own machine: settings, keys and trusted root, but no folder that others write to.
function machine(site) {
	const dir = join(tempFolder(), 'site');
	for (const path of ['keys', 'trust', 'edgepress.ini'])
		cpSync(site.path(path), join(dir, path), { recursive: true });
	const copy = new Site(dir, 0);
	copy.env = site.env;
	return copy;
}

// Every second publish is of a bundle that is this pipeline's alone; the others put one document
// each into a bundle that all share.
async function pipeline(site, i) {
	const published = [];
	for (let round = 0; round < rounds; round++) {
		const merge = round % 2 === 1;
		const id = merge ? `p${i}-r${round}` : 'main', locale = merge ? shared : locales[i % locales.length];
		const file = site.path(`${id}.xml`), note = `p${i} r${round}`;
		writeFileSync(file, text(id, `Desk ${note}`).replace('<locale>en-us<', `<locale>${locale}<`));
		const started = Date.now();
		const { code, stdout, stderr } = await site.run('publish', 'local', ...(merge ? ['--merge'] : []), '--allow-large-change', '--json',
			'--note', note, file, { timeout_ms: 300000 });
		assert.equal(code, 0, `publisher ${i}, round ${round}: ${stderr}${stdout}`);
		const { conflicts, version } = JSON.parse(stdout);
		published.push({ note, id, merge, conflicts, version, ms: Date.now() - started });
	}
	return published;
}

// A device that looks all the while. What it was told: the versions of the roles, in order.
async function poll(site, url, over) {
	const client = makeClient(tempFolder(), url, site.path('trust/local.root.json'));
	const seen = [];
	while (!over()) {
		if (await there(url))
			seen.push(await refresh(client));
		await new Promise((wake) => setTimeout(wake, 10));
	}
	seen.push(await refresh(client));
	return seen;
}
const there = async (url) => (await get(`${url}/metadata/timestamp.json`)).status === 200;

function rises(seen) {
	for (let i = 1; i < seen.length; i++)
		for (const [role, version] of Object.entries(seen[i - 1]))
			assert.ok(seen[i][role] >= version, `${role} went from ${version} to ${seen[i][role]}`);
}

async function many(t, site, url) {
	const begin = Date.now();
	let over = false;
	const polled = poll(site, url, () => over);
	const all = (await Promise.all(Array.from({ length: publishers }, (_, i) => pipeline(machine(site), i)))
		.finally(() => { over = true; })).flat();
	const seconds = ((Date.now() - begin) / 1000).toFixed(1);
	const seen = await polled;
	rises(seen);
	const conflicts = all.reduce((sum, one) => sum + one.conflicts, 0), most = Math.max(...all.map((one) => one.conflicts));
	t.diagnostic(`${publishers} publishers x ${rounds}: ${all.length} commits in ${seconds} s, ${conflicts} conflicts, at most ${most} in one publish, ${Math.max(...all.map((one) => one.ms))} ms at most; ${seen.length} refreshes of tuf-js`);
	assert.ok(conflicts > 0, 'they met');

	// Each commit is in the log exactly once, in the order of versions, and versions are its own.
	const notes = all.map((one) => one.note).sort();
	const log = (await site.json('audit', 'local')).commits.filter((record) => record.kind === 'publish');
	assert.deepEqual(log.map((record) => record.note).sort(), notes);
	for (let i = 1; i < log.length; i++)
		assert.ok(log[i].version > log[i - 1].version, `record ${i}`);
	assert.deepEqual(all.map((one) => `${one.note} ${one.version}`).sort(), log.map((record) => `${record.note} ${record.version}`).sort());

	// The history keeps 100 versions of a bundle: of the shared one perhaps not all.
	const history = (await site.json('history', 'local')).map((one) => one.note);
	assert.equal(new Set(history).size, history.length, 'each once');
	const expected = all.filter((one, i, _, merges = all.filter((other) => other.merge && other.version > one.version).length) => !one.merge || merges < 100);
	assert.deepEqual(history.sort(), expected.map((one) => one.note).sort());

	// Nothing is lost: every merged document is there, and of each own bundle the last edition.
	await site.must('verify', 'local');
	const status = await site.json('status');
	const last = Math.max(...all.map((one) => one.version));
	assert.equal(status.version, last);
	const { bundles } = status;
	const sharedBundle = bundles.find((one) => one.locale === shared);
	assert.equal(sharedBundle.documents, all.filter((one) => one.merge).length);
	assert.equal(bundles.length, publishers + 1);
	return all;
}

test(`${publishers} publishers publish ${rounds} times each into a folder, and nothing is lost`, async (t) => {
	const site = await smallSite({ uploads: 8, more: 'keep = 100\n' });
	const store = await serveFolder(site.store);
	edit(site.path('edgepress.ini'), ['store = file:public', `store = file:${site.store}`]);
	await many(t, site, store.url);
	for (let i = 0; i < publishers; i++)
		assert.match(readFolder(site.store).text[`weather/${locales[i]}`], new RegExp(`p${i} r${rounds - 1 - ((rounds - 1) % 2)}"`));
});

test(`${publishers} publishers publish ${rounds} times each into Azure's emulator, and nothing is lost`, async (t) => {
	const azurite = await Azurite.start();
	const store = await azurite.container('many', { open: true });
	const site = await smallSite({ uploads: 8, store, env: azurite.env, more: 'keep = 100\n' });
	await many(t, site, `${azurite.base}/many`);
});
