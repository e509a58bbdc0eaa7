// The guard: releases that are unlike the last one, though each document is right.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { digests } from './lib/files.mjs';
import { sampleSite, weather } from './lib/site.mjs';

const folder = 'documents/weather/en-us';

// Every document as if it had been written a year earlier.
function goBack(site, only = () => true) {
	for (const name of readdirSync(site.path(folder)).filter(only)) {
		const path = site.path(folder, name);
		const text = readFileSync(path, 'utf8');
		const changed = text.replace(/(<updated>|"updated":\s*")(\d{4})/, (all, tag, year) => `${tag}${year - 1}`);
		assert.notEqual(changed, text, name);
		writeFileSync(path, changed);
	}
}

test('the guard stops a publish in which the documents of a bundle go back in time', async () => {
	const site = await sampleSite({ documents: weather });
	appendFileSync(site.path('schemas/weather.ini'), '\n[gates]\nfreshness = off\nsources = off\ngrounding = off\n');
	await site.must('publish');
	const was = digests(site.store);
	goBack(site);
	const { code, stderr } = await site.run('publish');
	assert.equal(code, 5, stderr);
	assert.match(stderr, /weather\/en-us: 13 of 13 documents .* max_older = 20 %/);
	assert.match(stderr, /--allow-large-change/);
	assert.deepEqual(digests(site.store), was);
	await site.must('publish', '--allow-large-change');
});

test('one document that goes back in time, a correction, does not stop it', async () => {
	const site = await sampleSite({ documents: weather });
	appendFileSync(site.path('schemas/weather.ini'), '\n[gates]\nfreshness = off\nsources = off\ngrounding = off\n');
	await site.must('publish');
	goBack(site, (name) => name === 'guam.xml');
	await site.must('publish');
});

test('the guard stops a bundle that grows to many times its size at once', async () => {
	const site = await sampleSite({ documents: weather });
	appendFileSync(site.path('schemas/weather.ini'), '\n[gates]\nduplicates = off\n');
	await site.must('publish');
	const one = readFileSync(site.path(folder, 'guam.xml'), 'utf8');
	for (let i = 0; i < 120; i++)
		writeFileSync(site.path(folder, `guam-${i}.xml`), one.replace('<id>guam<', `<id>guam-${i}<`));
	appendFileSync(site.path('edgepress.ini'), '\n[guard]\nmax_added = 500\n');
	const { code, stderr } = await site.run('publish');
	assert.equal(code, 5, stderr);
	assert.match(stderr, /weather\/en-us: 133 documents instead of 13, more than max_added = 500 %/);
	await site.must('publish', '--allow-large-change');
});
