// publish --watch and render --watch: after every change, or piece by piece of a stream.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { edit } from './lib/files.mjs';
import { until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';

const answers = (program) => program.text('stdout').split('\n').filter((line) => line.startsWith('{')).map(JSON.parse);
const answered = (program, n) => until(`${n} batches`, () => answers(program).length >= n);

test('a folder is published again whenever a document changes, until SIGTERM', async () => {
	const site = await sampleSite({ documents: ['documents/weather/en-us'] });
	const program = site.start('publish', 'local', '--watch', '--batch-ms', '100', '--json');
	await answered(program, 1);
	assert.equal(site.version(), 1);
	const path = site.path('documents/weather/en-us/oakland.xml');
	edit(path, ['<title>Oakland forecast', '<title>Oakland outlook']);
	await answered(program, 2);
	assert.equal(site.version(), 2);
	const good = readFileSync(path);
	writeFileSync(path, '<broken');
	await answered(program, 3);
	assert.equal(site.version(), 2);
	assert.match(program.text('stderr'), /oakland\.xml:\d+: refused: schema/);
	writeFileSync(path, good.toString().replace('<title>Oakland outlook', '<title>Oakland again'));
	await answered(program, 4);
	assert.equal(site.version(), 3);
	program.kill('SIGTERM');
	assert.equal((await program.ended).code, 0);
});

test('a stream is merged in small batches; a bad line ends nothing, a correction wins', async () => {
	const site = await sampleSite({ documents: ['documents/weather'] });
	await site.must('publish');
	const lines = readFileSync(site.path('documents/weather/ja-jp.ndjson'), 'utf8').trim().split('\n').map(JSON.parse);
	const say = (title) => `${JSON.stringify({ ...lines[0], title })}\n`;
	const title = (n) => lines[0].title + '！'.repeat(n);
	const program = site.start('publish', 'local', '--watch', '--batch-ms', '150', '--json', '-', { input: null });
	program.stdin.write(say(title(1)));
	await answered(program, 1);
	assert.equal(site.version(), 2);
	program.stdin.write('{ "vertical": "weather", broken\n');
	await until('the bad line', () => /-:2: refused: schema/.test(program.text('stderr')));
	program.stdin.write(say(title(2)) + say(title(3)));
	await until('version 3', () => site.version() === 3);
	program.stdin.end(say(title(1)).trimEnd());
	await program.ended;
	assert.equal(site.version(), 4);
	const { manifest } = site.bundle('weather/ja-jp');
	assert.ok(manifest);
	const last = answers(program).at(-1);
	assert.equal(last.kept, lines.length - 1);
	assert.equal(last.accepted, lines.length);
});

test('SIGINT lets the batch that waits be published', async () => {
	const site = await sampleSite({ documents: ['documents/weather'] });
	await site.must('publish');
	const line = JSON.parse(readFileSync(site.path('documents/weather/ja-jp.ndjson'), 'utf8').split('\n')[0]);
	const program = site.start('publish', 'local', '--watch', '--batch-ms', '60000', '-', { input: null });
	program.stdin.write(`${JSON.stringify({ ...line, title: `${line.title}！` })}\n`);
	await new Promise((done) => setTimeout(done, 700));
	program.kill('SIGINT');
	assert.equal((await program.ended).code, 0);
	assert.equal(site.version(), 2);
});

test('render --watch keeps a folder as the documents are', async () => {
	const site = await sampleSite({ documents: ['documents/weather/en-us'] });
	const program = site.start('render', '--watch', '--batch-ms', '50', '--json', '--out', 'out');
	await answered(program, 1);
	const page = () => readFileSync(site.path('out/weather/en-us/oakland.html'), 'utf8');
	assert.match(page(), /Oakland forecast/);
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	await until('the new title', () => /Oakland outlook/.test(page()));
	program.kill('SIGTERM');
	assert.equal((await program.ended).code, 0);
});

test('a stream cannot be rendered into a folder, and says what can be done', async () => {
	const site = await sampleSite({ documents: ['documents/weather/en-us'] });
	const { code, stderr } = await site.run('render', '--watch', '-', { input: '{}\n' });
	assert.equal(code, 2);
	assert.match(stderr, /publish --watch merges them/);
	rmSync(site.dir, { recursive: true });
});
