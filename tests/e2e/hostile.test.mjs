// Input that nobody should send: each is refused in words, the rest of the run goes on, and memory
// stays bounded: the whole run has an address space of 700 MB.
import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { edgepress, run } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';

const GB = 1024 ** 3;
const site = await sampleSite({ documents: ['documents/weather/en-us'] });
const bounded = (...args) => run(['sh', '-c', 'ulimit -v 700000; exec "$0" "$@"', edgepress, ...args], { cwd: site.dir });
const good = () => site.path('documents/weather/en-us/flagstaff.json');

mkdirSync(site.path('bad'));
const bad = (name, bytes) => writeFileSync(site.path('bad', name), bytes);
const sparse = (name, start = '') => {
	bad(name, start);
	truncateSync(site.path('bad', name), GB);
};
const entity = (n) => `<!ENTITY l${n} "${`&l${n - 1};`.repeat(10)}">`;
const inputs = [
	['gigabyte.xml', () => sparse('gigabyte.xml', '<document>'), /gigabyte\.xml: refused: schema: cannot be read: .*1073741824 bytes, at most/],
	['gigabyte.json', () => sparse('gigabyte.json', '{"vertical":"weather"'), /gigabyte\.json: refused: schema: cannot be read: .*1073741824 bytes, at most/],
	['gigabyte.ndjson', () => sparse('gigabyte.ndjson', '{"vertical":"'), /gigabyte\.ndjson:1: refused: schema: a line of more than 1048576 bytes/],
	['levels.xml', () => bad('levels.xml', `<document>${'<a>'.repeat(100000)}${'</a>'.repeat(100000)}</document>`), /levels\.xml:1: refused: schema: elements nested deeper than 64/],
	['levels.json', () => bad('levels.json', `{"vertical":"weather","a":${'['.repeat(100000)}${']'.repeat(100000)}}`), /levels\.json:1: refused: schema: not valid: .*nested|levels\.json:1: refused: .*depth/],
	['laughs.xml', () => bad('laughs.xml', `<!DOCTYPE d [<!ENTITY l0 "ha">${Array.from({ length: 9 }, (_, i) => entity(i + 1)).join('')}]><document>&l9;</document>`), /laughs\.xml:1: refused: schema: a DOCTYPE/],
	['elements.xml', () => bad('elements.xml', `<document>${'<a/>'.repeat(1e6)}</document>`), /elements\.xml: refused: schema: cannot be read: .*bytes, at most/],
	['crowd.xml', () => bad('crowd.xml', `<document>${'<a/>'.repeat(2e5)}</document>`), /crowd\.xml:1: refused: schema: more than 20000 elements/],
	['latin.xml', () => bad('latin.xml', Buffer.from('<document><title>caf\xe9</title></document>', 'latin1')), /latin\.xml:1: refused: schema: not well-formed UTF-8/],
	['latin.json', () => bad('latin.json', Buffer.from('{"vertical":"caf\xe9"}', 'latin1')), /latin\.json:1: refused: schema: not well-formed UTF-8/],
	['nul.xml', () => bad('nul.xml', '<document>\0</document>'), /nul\.xml:1: refused: schema: not well-formed UTF-8, or a NUL/],
	['nul.ndjson', () => bad('nul.ndjson', '{"vertical":"wea\0ther"}\n'), /nul\.ndjson:1: refused: schema: not well-formed UTF-8, or a NUL/],
	['empty.xml', () => bad('empty.xml', ''), /empty\.xml:1: refused: schema: no bytes at all/],
	['outside.json', () => bad('outside.json', '{"vertical":"weather","locale":"en-us","id":"../../etc/passwd"}'), /outside\.json:1: refused: schema: id: /],
];

for (const [name, make, words] of inputs)
	test(`${name}: refused in words, and the good document beside it passes`, async () => {
		make();
		const { code, stdout, stderr } = await bounded('check', '--no-cache', `bad/${name}`, good());
		assert.equal(code, 3, stderr);
		assert.match(stderr, words);
		assert.match(stdout, /: 1 pass, \d+ refused/);
	});

test('all of them in one folder, on four threads, leave the good one to be rendered', async () => {
	const { code, stdout, stderr } = await bounded('render', '--jobs', '4', '--out', 'out', 'bad', good());
	assert.equal(code, 3, stderr);
	for (const [name, , words] of inputs)
		assert.match(stderr, words, name);
	assert.match(stdout, /of 1 documents in 1 bundles written to out/);
});

test('a line of a gigabyte on a pipe does not stop the lines behind it', async () => {
	const { code, stdout, stderr } = await run(['sh', '-c',
		'ulimit -v 700000; { head -c 1073741824 /dev/zero; echo; tr -d "\\n" <"$1"; echo; } | "$0" check -', edgepress, good()],
	{ cwd: site.dir });
	assert.equal(code, 3, stderr);
	assert.match(stderr, /-:1: refused: schema: a line of more than 1048576 bytes/);
	assert.match(stdout, /2 documents: 1 pass, 1 refused/);
});
