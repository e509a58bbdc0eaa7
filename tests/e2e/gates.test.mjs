// Nothing unchecked is published: the sample site's wrong documents, each wrong in one way.
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { digests, list, readJson, sha256 } from './lib/files.mjs';
import { sample, sampleSite, weather } from './lib/site.mjs';

const wrong = join(sample, 'wrong');
const expected = readJson(join(wrong, 'expected.json'));
// Of two that are too much alike the first one is good.
const alone = Object.keys(expected).filter((file) => expected[file] !== 'duplicates');
let site;
before(async () => {
	site = await sampleSite({ documents: weather });
	cpSync(wrong, site.path('wrong'), { recursive: true });
});

test('every wrong document has a gate that is expected to refuse it', () => {
	const files = list(wrong).filter((path) => /\.(xml|json|ndjson)$/.test(path) && path !== 'expected.json');
	assert.deepEqual(files, Object.keys(expected).sort());
	assert.ok(files.length >= 10);
});

for (const [file, gate] of Object.entries(expected)) {
	test(`${file} is refused by ${gate}, and by nothing else, at its line`, async () => {
		const { code, stdout, stderr } = await site.run('check', `wrong/${file}`, '--json');
		assert.equal(code, 3, stderr);
		const refusals = JSON.parse(stdout).documents.flatMap((one) => one.findings)
			.filter((finding) => finding.severity === 'reject');
		assert.deepEqual([...new Set(refusals.map((finding) => finding.gate))], [gate], stderr);
		const { stderr: shown } = await site.run('check', `wrong/${file}`);
		assert.match(shown, new RegExp(`(^|/)wrong/${file.replaceAll('.', '\\.')}:\\d+: refused: ${gate}: `, 'm'));
	});
}

test('published together with good ones, wrong documents reach neither store nor origin', async () => {
	const { code, stderr } = await site.run('publish', 'local', 'documents',
		...alone.map((file) => `wrong/${file}`), '--allow-large-change');
	assert.equal(code, 0, stderr);
	for (const file of alone)
		assert.ok(stderr.includes(`wrong/${file}:`), `${file} is named: ${stderr}`);
	await site.serve();
	await site.must('verify', site.url);
	const good = await site.json('check', 'documents');
	assert.equal(good.refused, 0);
	const index = JSON.parse(await site.page('/weather/en-us/index.json'));
	assert.equal(index.documents.length, good.accepted);
	for (const { id } of index.documents)
		await site.page(`/weather/en-us/${id}.html`);
});

test('no word of a wrong document is in the store', () => {
	const runs = alone.map((file) => {
		const text = readFileSync(join(wrong, file), 'utf8');
		return (/<run>([^<]+)<\/run>/.exec(text) ?? /"run":\s*"([^"]+)"/.exec(text) ?? [])[1];
	}).filter(Boolean);
	const digest = new Set(alone.map((file) => sha256(readFileSync(join(wrong, file)))));
	const good = new Set(list(site.path('documents')).map((path) =>
		(/<run>([^<]+)<\/run>|"run":\s*"([^"]+)"/.exec(readFileSync(site.path('documents', path), 'utf8')) ?? [])
			.slice(1).find(Boolean)));
	for (const [path, hash] of Object.entries(digests(site.store))) {
		assert.ok(!digest.has(hash), path);
		const text = readFileSync(join(site.store, path), 'latin1');
		for (const run of runs)
			assert.ok(good.has(run) || !text.includes(run), `${path} holds the run ${run}`);
	}
});

test('a site whose documents are all refused publishes nothing and says so with exit code 3', async () => {
	const none = await sampleSite({ documents: weather });
	cpSync(wrong, none.path('wrong'), { recursive: true });
	const was = digests(none.store);
	const { code } = await none.run('publish', 'local', ...alone.map((file) => `wrong/${file}`), '--allow-large-change');
	assert.equal(code, 3);
	assert.deepEqual(digests(none.store), was);
});

test('--strict publishes nothing if any document is refused', async () => {
	const strict = await sampleSite({ documents: weather });
	cpSync(wrong, strict.path('wrong'), { recursive: true });
	const [one] = Object.keys(expected);
	const was = digests(strict.store);
	const { code } = await strict.run('publish', 'local', 'documents', `wrong/${one}`, '--strict');
	assert.equal(code, 3);
	assert.deepEqual(digests(strict.store), was);
});
