// Publishers that are killed, and publishers that meet.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { edit } from './lib/files.mjs';
import { sampleSite } from './lib/site.mjs';

const KILLS = 30;
let site, oakland, german, texts;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/weather/de-de'] });
	oakland = site.path('documents/weather/en-us/oakland.xml');
	german = site.path('documents/weather/de-de/oakland.xml');
	texts = [oakland, german].map((path) => readFileSync(path, 'utf8'));
	await site.must('publish');
	await site.serve();
});

// The same edition in both bundles.
function edition(name) {
	[oakland, german].forEach((path, i) =>
		writeFileSync(path, texts[i].replace(/<responsible>[^<]*</, `<responsible>Desk ${name}<`)));
}
const live = async (locale) =>
	/Desk (\S+?)[."<]/.exec(await site.page(`/weather/${locale}/index.json`))?.[1] ?? 'none';

test(`a publisher killed at any of ${KILLS} instants leaves the old version or the new, and the next one finishes`, async () => {
	edition('start');
	const begin = Date.now();
	await site.must('publish');
	let whole_ms = Date.now() - begin;
	let old = 'start', died = 0, finished = 0;
	const seen = { old: 0, new: 0 };
	for (let i = 0; i < KILLS; i++) {
		const name = `e${i}`;
		edition(name);
		const publisher = site.start('publish');
		const started = Date.now();
		let took_ms = Infinity;
		publisher.ended.then(() => { took_ms = Date.now() - started; });
		const delay_ms = (whole_ms * 1.1 * (i + Math.random())) / KILLS;
		await new Promise((wake) => setTimeout(wake, delay_ms));
		publisher.kill('SIGKILL');
		const { signal } = await publisher.ended;
		died += signal === 'SIGKILL';
		if (signal !== 'SIGKILL') // the machine is less busy than it was: aim earlier
			whole_ms = Math.min(whole_ms, took_ms);
		const { code, stdout, stderr } = await site.run('verify', 'local');
		assert.equal(code, 0, `killed after ${delay_ms} ms: ${stdout}${stderr}`);
		const both = ['en-us', 'de-de'].map((locale) =>
			/Desk ([a-z0-9]+)/.exec(JSON.stringify(site.bundle(`weather/${locale}`).manifest.documents))?.[1]);
		assert.equal(both[0], both[1], 'both bundles have the same edition');
		assert.ok([old, name].includes(both[0]), `${both[0]} is neither ${old} nor ${name}`);
		seen[both[0] === name ? 'new' : 'old']++;
		if (i % 3 === 2) {
			await site.must('publish');
			finished++;
			assert.equal(await live('en-us'), name);
			assert.equal(await live('de-de'), name);
			old = name;
		} else {
			old = both[0];
		}
	}
	assert.ok(died >= KILLS / 2, `only ${died} of ${KILLS} were killed before they ended`);
	assert.ok(seen.old > 0, JSON.stringify(seen));
	assert.ok(finished >= 10);
	await site.must('publish');
	await site.must('verify', site.url);
});

test('a publisher killed after the commit is finished by the next run, which has nothing new to publish', async () => {
	edition('last');
	const publisher = site.start('publish');
	const was = site.version();
	while (site.version() === was)
		await new Promise((wake) => setTimeout(wake, 1));
	publisher.kill('SIGKILL');
	await publisher.ended;
	await site.must('publish');
	assert.ok(existsSync(site.path(`public/receipts/${site.version()}.done`)), 'its purge is written down as done');
	assert.equal(await live('en-us'), 'last');
	await site.must('verify', site.url);
});

test('three publishers at once, each with its own bundle, all land, and versions rise', async () => {
	const many = await sampleSite({ documents: ['documents/weather/en-us', 'documents/finance/de-de', 'documents/sports/fr-fr'] });
	const paths = ['weather/en-us', 'finance/de-de', 'sports/fr-fr'];
	const first = await Promise.all(paths.map((path) => many.run('publish', 'local', `documents/${path}`)));
	assert.deepEqual(first.map(({ code }) => code), [0, 0, 0], first.map(({ stderr }) => stderr).join(''));
	await many.must('verify', 'local');
	const versions = [many.version()];
	for (let round = 1; round <= 4; round++) {
		edit(many.path('documents/weather/en-us/oakland.xml'), ['<run>', `<run>r${round}-`]);
		edit(many.path('documents/finance/de-de/usd-eur-2026-06.xml'), ['<run>', `<run>r${round}-`]);
		edit(many.path('documents/sports/fr-fr/wc2022-england-france.xml'), ['<run>', `<run>r${round}-`]);
		const all = await Promise.all(paths.map((path) => many.run('publish', 'local', `documents/${path}`)));
		assert.deepEqual(all.map(({ code }) => code), [0, 0, 0], all.map(({ stderr }) => stderr).join(''));
		versions.push(many.version());
		for (const path of paths)
			assert.match(JSON.stringify(many.bundle(path).manifest.documents), new RegExp(`"r${round}-`), path);
	}
	for (let i = 1; i < versions.length; i++)
		assert.ok(versions[i] > versions[i - 1], versions.join(' '));
	await many.must('verify', 'local');
});

test('publishers that meet on one bundle end as if they had run one after the other', async () => {
	const names = ['a', 'b', 'c'];
	const paths = names.map((name) => {
		const path = site.path(`oakland-${name}.xml`);
		writeFileSync(path, texts[0].replace(/<id>oakland</, `<id>oakland-${name}<`));
		return path;
	});
	const all = await Promise.all(paths.map((path) => site.run('publish', 'local', '--merge', path)));
	assert.deepEqual(all.map(({ code }) => code), [0, 0, 0], all.map(({ stderr }) => stderr).join(''));
	const ids = site.bundle('weather/en-us').manifest.documents.map(({ id }) => id);
	for (const name of names)
		assert.ok(ids.includes(`oakland-${name}`), `${name} in ${ids}`);
	await site.must('verify', site.url);
});
