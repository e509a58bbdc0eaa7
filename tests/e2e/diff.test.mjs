// What changed between two versions can be seen, down to the words of a document.
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { before, test } from 'node:test';
import { edit } from './lib/files.mjs';
import { sampleSite } from './lib/site.mjs';

let site, documents;

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/weather/de-de'] });
	await site.must('publish');
	documents = site.bundle('weather/en-us').manifest.documents.map((one) => one.id);
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	await site.must('publish');
	const gone = documents.find((id) => id !== 'oakland'
		&& existsSync(site.path(`documents/weather/en-us/${id}.xml`)));
	rmSync(site.path(`documents/weather/en-us/${gone}.xml`));
	await site.must('publish', '--allow-large-change');
	documents.gone = gone;
});

const changes = (list, key) => Object.fromEntries(list.map((one) => [one[key], one.change]));

test('without options the newest version is compared with the one before it', async () => {
	const { from, to, bundles } = await site.json('diff', 'local');
	assert.deepEqual([from, to], [2, 3]);
	const bundle = bundles.find((one) => one.locale === 'en-us');
	assert.deepEqual(changes(bundle.documents, 'id'), { [documents.gone]: 'removed' });
	const files = changes(bundle.files, 'path');
	assert.equal(files[`${documents.gone}.html`], 'removed');
	assert.equal(files['index.html'], 'changed');
	assert.deepEqual(bundle.inputs, {});
});

test('any two versions can be compared, with titles and sizes', async () => {
	const { bundles: [bundle] } = await site.json('diff', 'local', '--from', '1', '--to', '2', 'weather/en-us');
	const [document] = bundle.documents;
	assert.equal(bundle.documents.length, 1);
	assert.match(document.title_before, /Oakland forecast/);
	assert.match(document.title, /Oakland outlook/);
	assert.equal(document.size_before - document.size, 'forecast'.length - 'outlook'.length);
	const { stdout } = await site.must('diff', 'local', '--from', '1', '--to', '2');
	assert.match(stdout, /~ oakland {2}"Oakland outlook.*\(was "Oakland forecast/);
});

test('what did not exist is added, and the same version differs in nothing', async () => {
	const { bundles } = await site.json('diff', 'local', '--from', '0', '--to', '1');
	assert.deepEqual(bundles.map((one) => [one.from, one.to]), [[0, 1], [0, 1]]);
	assert.ok(bundles[1].documents.every((one) => one.change === 'added'));
	assert.deepEqual(bundles[1].documents.map((one) => one.id).sort(), [...documents].sort());
	assert.deepEqual((await site.json('diff', 'local', '--from', '3')).bundles, []);
});

test('--text shows the words that changed', async () => {
	const { stdout } = await site.must('diff', 'local', '--from', '1', '--to', '2', '--text');
	assert.match(stdout, /^@@ -\d+,\d+ \+\d+,\d+ @@$/m);
	assert.match(stdout, /^-.*Oakland forecast.*$/m);
	assert.match(stdout, /^\+.*Oakland outlook.*$/m);
});

test('a bundle or version that is not there is an error', async () => {
	assert.equal((await site.run('diff', 'local', 'weather/xx')).code, 1);
	for (const far of [['--to', '99'], ['--from', '99'], ['--from', '18446744073709551615']])
		assert.equal((await site.run('diff', 'local', ...far)).code, 2, 'a version that there is not is no version without changes');
});
