// --dry-run tells what publish would do, and does none of it.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { digests, edit, list } from './lib/files.mjs';
import { sampleSite, weather } from './lib/site.mjs';

let site;
before(async () => { site = await sampleSite({ documents: weather }); });

// Paths of one bundle by what happens to them, from the answer to --json.
function planned(answer, vertical, locale) {
	const bundle = answer.bundles.find((one) => one.vertical === vertical && one.locale === locale);
	const by = { added: [], changed: [], removed: [] };
	for (const { change, path } of bundle?.files ?? [])
		by[change].push(path.slice(`${vertical}/${locale}/`.length));
	return by;
}

// All that there is but the cache, which may go at any time.
const everything = () => Object.fromEntries(Object.entries(digests(site.dir))
	.filter(([path]) => !path.startsWith('.edgepress/cache/')));

test('--dry-run of a first publish writes nothing at all', async () => {
	const was = everything();
	const { stdout, stderr } = await site.must('publish', '--dry-run');
	assert.match(stdout + stderr, /weather\/en-us/);
	assert.deepEqual(everything(), was);
});

test('--dry-run of a change writes nothing, and names what would be added, changed and removed', async () => {
	await site.must('publish');
	const en = (name) => site.path('documents/weather/en-us', name);
	edit(en('oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	rmSync(en('guam.xml'));
	const flagstaff = readFileSync(en('flagstaff.json'), 'utf8');
	writeFileSync(en('flagstaff-two.json'), flagstaff.replace('"id": "flagstaff"', '"id": "flagstaff-two"'));
	rmSync(en('flagstaff.json'));
	const was = everything();
	const { stdout } = await site.must('publish', '--dry-run', '--json');
	assert.deepEqual(everything(), was);
	const plan = planned(JSON.parse(stdout), 'weather', 'en-us');
	const pages = (paths) => paths.filter((path) => path.endsWith('.html') && !/index|fragment/.test(path)).sort();
	assert.deepEqual(pages(plan.changed), ['oakland.html']);
	assert.deepEqual(pages(plan.removed), ['flagstaff.html', 'guam.html']);
	assert.deepEqual(pages(plan.added), ['flagstaff-two.html']);
	const { stdout: text } = await site.must('publish', '--dry-run');
	for (const path of ['oakland.html', 'guam.html', 'flagstaff-two.html', 'flagstaff.html'])
		assert.ok(text.includes(path), `people see ${path}: ${text}`);
});

test('the plan of --dry-run is what publish then does', async () => {
	const before = site.bundle('weather/en-us').manifest;
	const was = new Set(list(site.store));
	const dry = JSON.parse((await site.must('publish', '--dry-run', '--json')).stdout);
	const done = JSON.parse((await site.must('publish', '--json')).stdout);
	const after = site.bundle('weather/en-us').manifest;

	const plan = planned(dry, 'weather', 'en-us');
	const by = (manifest) => new Map(manifest.files.map((file) => [file.path, file.sha256]));
	const [old, now] = [by(before), by(after)];
	assert.deepEqual(plan.added.sort(), [...now.keys()].filter((path) => !old.has(path)).sort(), 'added');
	assert.deepEqual(plan.removed.sort(), [...old.keys()].filter((path) => !now.has(path)).sort(), 'removed');
	assert.deepEqual(plan.changed.sort(),
		[...now.keys()].filter((path) => old.has(path) && old.get(path) !== now.get(path)).sort(), 'changed');
	for (const what of ['bundles', 'files', 'purge', 'upload_objects', 'upload_bytes', 'accepted', 'refused'])
		assert.deepEqual(done[what], dry[what], what);
	// What is signed, what leads to it, and coded forms come on top: they are not known in advance.
	const uploaded = list(site.store).filter((path) => !was.has(path) && /^blobs\/..\/[0-9a-f]{64}$/.test(path));
	assert.equal(dry.upload_objects, uploaded.length, uploaded.join('\n'));
	assert.equal(dry.upload_bytes, uploaded.reduce((sum, path) => sum + statSync(`${site.store}/${path}`).size, 0));
});

test('after the publish, --dry-run has nothing left to do', async () => {
	const { stdout } = await site.must('publish', '--dry-run');
	assert.match(stdout, /nothing|unchanged|no change/i);
});

test('--dry-run of rollback writes nothing', async () => {
	const was = digests(site.store);
	await site.must('rollback', 'local', '--to', '1', '--dry-run');
	assert.deepEqual(digests(site.store), was);
});
