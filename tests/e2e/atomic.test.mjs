// Several bundles flip together: no reader of the signed metadata sees a mixture.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { edit, list } from './lib/files.mjs';
import { sampleSite } from './lib/site.mjs';

let site;
before(async () => { site = await sampleSite(); });

test('all bundles of one publish carry its version', async () => {
	await site.must('publish');
	const status = await site.json('status');
	assert.equal(status.bundles.length, 15);
	assert.deepEqual([...new Set(status.bundles.map((one) => one.version))], [site.version()]);
	const names = status.bundles.map(({ vertical, locale }) => `${vertical}/${locale}`).sort();
	assert.deepEqual(names, ['finance', 'sports', 'weather'].flatMap((vertical) =>
		['ar-sa', 'de-de', 'en-us', 'fr-fr', 'ja-jp'].map((locale) => `${vertical}/${locale}`)));
});

test('the whole sample site is verified, through the store and through the origin', async () => {
	await site.must('verify', 'local');
	await site.serve();
	const { stdout, stderr } = await site.must('verify', site.url);
	assert.match(stdout + stderr, /15/);
});

test('a reader who polls two bundles while publishes go on never sees a mixture of versions', async () => {
	const pages = ['weather/en-us/oakland', 'finance/de-de/usd-eur-2026-06'];
	const [first, second] = ['documents/weather/en-us/oakland.xml', 'documents/finance/de-de/usd-eur-2026-06.xml']
		.map((path) => site.path(path));
	const was = [first, second].map((path) => readFileSync(path, 'utf8'));
	const flips = 6;
	let over = false;
	const seen = new Set();
	const mixtures = [];
	const reader = (async () => {
		while (!over) {
			// What is current according to the metadata, then both pages of exactly that version.
			const timestamp = JSON.parse(await site.page('/metadata/timestamp.json'));
			const version = timestamp.signed.meta['snapshot.json'].version;
			const marks = [];
			for (const page of pages)
				marks.push(/Desk (\d+)/.exec(await site.page(`/@${version}/${page}.html`))?.[1] ?? '0');
			seen.add(marks[0]);
			if (marks[0] !== marks[1])
				mixtures.push({ version, marks });
		}
	})();
	for (let i = 1; i <= flips; i++) {
		[first, second].forEach((path, k) => writeFileSync(path,
			was[k].replace(/<responsible>[^<]*</, `<responsible>Desk ${i}<`)));
		await site.must('publish', 'local', 'documents/weather/en-us', 'documents/finance/de-de');
	}
	over = true;
	await reader;
	assert.deepEqual(mixtures, []);
	assert.ok(seen.size >= 3, `the reader saw the editions ${[...seen]}`);
	[first, second].forEach((path, k) => writeFileSync(path, was[k]));
});

test('once a reader has seen the new edition in one bundle, every bundle has it', async () => {
	const paths = ['ar-sa', 'de-de', 'en-us', 'fr-fr', 'ja-jp'].map((locale) => `sports/${locale}`);
	for (const path of list(site.path('documents/sports'))) {
		const file = site.path('documents/sports', path);
		const text = readFileSync(file, 'utf8');
		writeFileSync(file, text.replace(/<responsible>[^<]*</, '<responsible>Second Desk<')
			.replace(/"responsible": *"[^"]*"/, '"responsible": "Second Desk"'));
	}
	let over = false;
	const broken = [];
	const reader = (async () => {
		while (!over) {
			const first = (await site.page(`/${paths[0]}/index.json`)).includes('Second Desk');
			for (const path of paths.slice(1))
				if (first && !(await site.page(`/${path}/index.json`)).includes('Second Desk'))
					broken.push(path);
		}
	})();
	await site.must('publish', 'local', 'documents/sports');
	over = true;
	await reader;
	assert.deepEqual(broken, []);
	for (const path of paths)
		assert.match(await site.page(`/${path}/index.json`), /Second Desk/);
});
