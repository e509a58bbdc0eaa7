// From an empty folder to pages that answer, as the README tells it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { blocks, readPage, section } from './lib/docs.mjs';
import { digests, edit, list } from './lib/files.mjs';
import { freePort, get, status } from './lib/http.mjs';
import { build, edgepress, run, start, tempFolder, until } from './lib/run.mjs';
import { Site, initSite } from './lib/site.mjs';

test("the README's five minutes run as shown, from an empty folder to a verified site", async () => {
	const folder = tempFolder();
	const port = await freePort();
	const shown = blocks(section(readPage('README.md'), 'A site of your own in five minutes'));
	const lines = shown.find((block) => block.language === 'sh').text.trim().split('\n')
		.map((line) => line.replace(/\s+#.*$/, ''));
	assert.deepEqual(lines.map((line) => line.split(' ')[0]), ['make', 'export', 'edgepress',
		'edgepress', 'edgepress', 'edgepress']);
	// Only the port differs, and the two lines that build are done. The page's reader types
	// the last line when the origin is up.
	const script = lines.slice(2).flatMap((line) => [
		...(line.startsWith('edgepress verify')
			? [`n=0; until curl -fs -o /dev/null http://127.0.0.1:${port}/-/readyz; do n=$((n+1)); [ $n -lt 200 ] || exit 99; sleep 0.05; done`] : []),
		line.replaceAll('8080', String(port)),
		...(line.startsWith('edgepress init') ? [`sed -i 's/:8080/:${port}/' edgepress.ini`] : []),
	]);
	const shell = start(['bash', '-c', `set -e\nexport PATH=${build}:$PATH\n${script.join('\n')}\necho all done\nwait`],
		{ cwd: folder });
	await until('the last of the five minutes', async () =>
		/all done/.test(shell.text('stdout')) || !await alive(shell), 30000);
	assert.match(shell.text('stdout'), /all done/, shell.text('stderr'));
	const home = await get(`http://127.0.0.1:${port}/`);
	assert.ok([200, 301, 302, 303, 307, 308].includes(home.status), `/ answers ${home.status}`);
	const page = await get(`http://127.0.0.1:${port}/weather/en-us/seattle-july.html`);
	assert.equal(page.status, 200);
	assert.match(page.text, /What July is like in Seattle/);
	shell.kill('SIGTERM');
	await shell.ended;
	await until('the port to be free again', async () => await status(`http://127.0.0.1:${port}/`) === 0);
});

async function alive(program) {
	return Promise.race([program.ended.then(() => false), new Promise((r) => setTimeout(r, 1, true))]);
}

let site;
before(async () => { site = await initSite(); });

test('init lists what it made: settings, documents, keys and the trusted root', () => {
	const made = list(site.dir);
	assert.ok(made.includes('edgepress.ini'));
	assert.ok(made.includes('trust/local.root.json'));
	assert.equal(made.filter((path) => path.startsWith('documents/')).length, 3);
	assert.ok(made.some((path) => /^keys\/local\/timestamp\.[0-9a-f]{8}\.key$/.test(path)));
});

test('init in a folder that has a site refuses and changes nothing', async () => {
	const was = digests(site.dir);
	const { code, stderr } = await run([edgepress, 'init', site.dir]);
	assert.equal(code, 1, stderr);
	assert.match(stderr, /edgepress\.ini/);
	const inside = await site.run('init');
	assert.equal(inside.code, 1, inside.stderr);
	assert.deepEqual(digests(site.dir), was);
});

test('a new site passes its own gates', async () => {
	const report = await site.json('check');
	assert.equal(report.refused, 0);
	assert.equal(report.accepted, 3);
});

test('publish makes a site that is served and verified, by its URL and by its target', async () => {
	await site.must('publish');
	assert.equal(site.version(), 1);
	await site.serve();
	await site.must('verify', site.url);
	await site.must('verify', 'local');
	await site.must('verify');
	for (const id of ['seattle-july', 'seattle-november', 'new-york-november']) {
		assert.match(await site.page(`/weather/en-us/${id}.html`), /<!DOCTYPE html>/i);
		JSON.parse(await site.page(`/weather/en-us/${id}.card.json`));
		JSON.parse(await site.page(`/weather/en-us/${id}.data.json`));
		assert.match(await site.page(`/weather/en-us/${id}.fragment.html`), /<article/);
	}
	const index = JSON.parse(await site.page('/weather/en-us/index.json'));
	assert.equal(index.documents.length, 3);
	assert.match(await site.page('/weather/en-us/feed.atom'), /<feed /);
	assert.equal(JSON.parse(await site.page('/weather/en-us/feed.json')).items.length, 3);
	assert.match(await site.page('/weather/en-us/sitemap.xml'), /seattle-july/);
});

test('a second publish of the same documents changes nothing in the store', async () => {
	const was = digests(site.store);
	const again = await site.must('publish');
	assert.deepEqual(digests(site.store), was);
	assert.match(again.stderr + again.stdout, /nothing|unchanged|no change/i);
});

test('a changed title is on its page as soon as publish returns', async () => {
	edit(site.path('documents/weather/en-us/seattle-july.xml'), ['What July is like in Seattle', 'Seattle in an average July']);
	await site.must('publish');
	assert.match(await site.page('/weather/en-us/seattle-july.html'), /Seattle in an average July/);
	assert.match(await site.page('/weather/en-us/index.html'), /Seattle in an average July/);
	await site.must('verify', site.url);
});

test('a temperature changed in the prose only is refused as the README shows it', async () => {
	const promised = /^ {4}(documents\/\S+: refused: grounding: prose\/p\[1\]: )/m.exec(readPage('README.md'))[1];
	const path = site.path('documents/weather/en-us/seattle-july.xml');
	const was = readFileSync(path, 'utf8');
	edit(path, ['reached 26 °C on average', 'reached 31 °C on average']);
	const { code, stderr } = await site.run('publish');
	edit(path, ['reached 31 °C', 'reached 26 °C']);
	assert.equal(readFileSync(path, 'utf8'), was);
	assert.equal(code, 0, stderr);
	assert.ok(stderr.includes(promised), `"${promised}" in: ${stderr}`);
	const page = await site.page('/weather/en-us/seattle-july.html');
	assert.match(page, /reached 26 °C on average/);
	assert.doesNotMatch(page, /31 °C/);
});

test('history and rollback undo a publish as the README shows it', async () => {
	const { stdout } = await site.must('history');
	assert.match(stdout, /\b1\b/);
	await site.must('rollback', 'local', '--to', '1');
	assert.match(await site.page('/weather/en-us/seattle-july.html'), /What July is like in Seattle/);
	await site.must('verify', site.url);
});

test('edgepress works from a folder below the site, and from elsewhere with --site', async () => {
	const below = await run([edgepress, 'status', '--json'], { cwd: site.path('documents') });
	assert.equal(below.code, 0, below.stderr);
	const elsewhere = await run([edgepress, 'status', '--json', '--site', site.dir], { cwd: tempFolder() });
	assert.equal(elsewhere.code, 0, elsewhere.stderr);
	assert.deepEqual(JSON.parse(below.stdout), JSON.parse(elsewhere.stdout));
});

test('Ctrl-C on serve ends the origin with exit code 0 and frees the port', async () => {
	const { code, signal, stderr } = await site.stop();
	assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
	assert.equal(await status(`${site.url}/-/healthz`), 0);
});

test('serve on a port that is taken fails and names the address', async () => {
	await site.serve();
	const second = new Site(site.dir, site.port);
	const { code, stderr } = await second.run('serve', 'local', '--listen', `127.0.0.1:${site.port}`);
	assert.equal(code, 1, stderr);
	assert.ok(stderr.includes(String(site.port)), stderr);
	await site.stop();
});

test('publish without an origin running still publishes, and says what it could not confirm', async () => {
	edit(site.path('documents/weather/en-us/seattle-july.xml'), ['Seattle in an average July', 'July in Seattle on average']);
	const version = site.version();
	const { code } = await site.run('publish');
	assert.ok(code === 0 || code === 6, `${code}`);
	assert.ok(site.version() > version);
	await site.serve();
	assert.match(await site.page('/weather/en-us/seattle-july.html'), /July in Seattle on average/);
});
