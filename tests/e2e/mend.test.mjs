// What an operator does after something went wrong, and what the commands then say.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { flipByte, list } from './lib/files.mjs';
import { edgepress, run, tempFolder } from './lib/run.mjs';

async function newSite() {
	const dir = join(tempFolder(), 'site');
	const made = await run([edgepress, 'init', dir]);
	assert.equal(made.code, 0, made.stderr);
	const ini = join(dir, 'edgepress.ini');
	writeFileSync(ini, readFileSync(ini, 'utf8').replace(/^origins.*\n/m, ''));
	const site = { dir, run: (...args) => run([edgepress, ...args], { cwd: dir }) };
	site.must = async (...args) => {
		const done = await site.run(...args);
		assert.equal(done.code, 0, done.stderr);
		return done;
	};
	return site;
}

test('a folder that has a .gitignore can get a site; the file stays as it was', async () => {
	const dir = tempFolder();
	writeFileSync(join(dir, '.gitignore'), '*.o\n');
	const made = await run([edgepress, 'init', dir]);
	assert.equal(made.code, 0, made.stderr);
	assert.match(made.stderr, /\.gitignore is left as it is.*\/keys\//);
	assert.equal(readFileSync(join(dir, '.gitignore'), 'utf8'), '*.o\n');
	assert.ok(existsSync(join(dir, 'trust/local.root.json')));
});

test('keys init that was interrupted is finished by running it again', async () => {
	const site = await newSite();
	rmSync(join(site.dir, 'public'), { recursive: true });
	const keys = () => list(join(site.dir, 'keys/local')).length;
	const before = keys();
	await site.must('keys', 'init', 'local');
	assert.equal(keys(), before);
	await site.must('publish');
	await site.must('verify');
	const again = await site.run('keys', 'init', 'local');
	assert.equal(again.code, 1);
	assert.match(again.stderr, /is already there/);
});

test('verify of a store sees a damaged source, from which a last good version would be made', async () => {
	const site = await newSite();
	await site.must('publish');
	await site.must('verify');
	const trees = join(site.dir, 'public/trees'), [tree] = list(trees);
	const { source } = JSON.parse(gunzipSync(readFileSync(join(trees, tree)))).documents[0];
	flipByte(join(site.dir, 'public/blobs', source.sha256.slice(0, 2), source.sha256));
	const seen = await site.run('verify');
	assert.equal(seen.code, 1);
	assert.match(seen.stderr, /source of weather\/en-us\/[a-z-]+: .*tampered/);
});

test('keys renew signs the root anew; a new vertical\'s key is not called retired', async () => {
	const site = await newSite();
	await site.must('publish');
	assert.match((await site.must('keys', 'renew', 'local')).stdout, /^root 2 is good until /);
	await site.must('verify');
	await site.must('keys', 'delegate', 'local', 'air');
	assert.match((await site.must('keys', 'list', 'local')).stdout, /^air .* from the next publish on$/m);
	assert.doesNotMatch((await site.must('keys', 'list', 'local')).stdout, /retired/);
});

test('a publish whose edge receipts are damaged says that its version is live, with exit code 6', async () => {
	const site = await newSite();
	writeFileSync(join(site.dir, 'junk'), '');
	await site.must('publish');
	rmSync(join(site.dir, 'public/receipts/1.done'));
	writeFileSync(join(site.dir, 'public/receipts/1.pending'), '{"keys":["a\\r\\nHost: x"]}');
	assert.match((await site.must('publish')).stdout, /nothing changed/); // it knows that all was done
	const done = await site.run('publish', '--no-cache');
	assert.equal(done.code, 6, done.stderr);
	assert.match(done.stderr, /version 1 is live.*receipts\/1\.pending/);
});

test('a site whose timestamp.json was lost is not begun anew over what was live', async () => {
	const site = await newSite();
	await site.must('publish');
	const path = join(site.dir, 'public/metadata/timestamp.json');
	const lost = readFileSync(path);
	rmSync(path);
	const one = list(join(site.dir, 'documents')).find((name) => name.endsWith('.xml'));
	const done = await site.run('publish', 'local', '--merge', join('documents', one));
	assert.equal(done.code, 1);
	assert.match(done.stderr, /timestamp\.json is gone.*restore/);
	assert.ok(!existsSync(path));
	writeFileSync(path, lost);
	await site.must('publish');
	await site.must('verify');
});
