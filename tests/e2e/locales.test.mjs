// Our formatters against CLDR's own data, for 50 markets; and the messages of all languages.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { causes, compare } from './lib/cldr.mjs';

const top = fileURLToPath(new URL('../..', import.meta.url));
const edgepress = join(top, 'build/edgepress');
const call = (...args) => new Promise((done) => execFile(edgepress, args, { maxBuffer: 1 << 24 },
	(error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr })));

test('numbers, money, dates, times, units, lists and plurals of 50 markets are those of CLDR 48 but for the listed differences', () => {
	const listed = JSON.parse(readFileSync(join(top, 'tests/data/cldr/differences.json')));
	const { compared, differences, markets } = compare();
	assert.equal(markets, 50);
	assert.equal(compared, listed.compared);
	const expected = {};
	for (const [cause, of] of Object.entries(listed.differences)) {
		assert.equal(listed.causes[cause], causes[cause]);
		for (const [market, cases] of Object.entries(of))
			Object.assign(expected[market] ??= {}, cases);
	}
	const changed = [];
	for (const market of new Set([...Object.keys(expected), ...Object.keys(differences)]))
		for (const name of new Set([...Object.keys(expected[market] ?? {}), ...Object.keys(differences[market] ?? {})])) {
			const before = JSON.stringify(expected[market]?.[name]), now = JSON.stringify(differences[market]?.[name]);
			if (before !== now)
				changed.push(`${market}: ${name}: listed ${before}, now ${now}`);
		}
	assert.deepEqual(changed, [], 'run tests/tools/cldr-differences.mjs and read what it changed');
});

test('every language has every message that the shipped templates use, and none that they do not', async () => {
	const { code, stdout, stderr } = await call('messages', '--site', join(top, 'tests/site'), '--json');
	const answer = JSON.parse(stdout);
	assert.deepEqual(answer.findings, [], stderr);
	assert.equal(code, 0);
	assert.ok(answer.locales.length >= 27 && answer.keys > 100);
});

test('each of the 50 markets takes its words from its own language', async () => {
	const markets = Object.keys(JSON.parse(readFileSync(join(top, 'tests/data/cldr/cldr-48.json'))).markets);
	const { code, stdout, stderr } = await call('messages', '--site', join(top, 'tests/site'), '--json', ...markets);
	assert.deepEqual(JSON.parse(stdout).findings, [], stderr);
	assert.equal(code, 0);
});

test('the report names what is missing, unused, unreadable or other than in English, with file and line', async () => {
	const site = mkdtempSync(join(tmpdir(), 'messages-'));
	try {
		mkdirSync(join(site, 'templates/messages'), { recursive: true });
		writeFileSync(join(site, 'edgepress.ini'), readFileSync(join(top, 'templates/starter/edgepress.ini')));
		writeFileSync(join(site, 'templates/messages/pl.json'), `{
	"nav.skip": "Przejdź",
	"nav.old": "Dawne",
	"publisher": "Wydawca",
	"index.count": "{count, plural, one {#} other {#}}",
	"card.more": "{broken"
}
`);
		const { code, stdout, stderr } = await call('messages', '--site', site, '--json', 'pl-pl');
		assert.equal(code, 1, stderr);
		const found = JSON.parse(stdout).findings.filter((f) => f.file.endsWith('messages/pl.json'))
			.map((f) => [f.line, f.kind, f.key, f.text]);
		for (const [line, kind, key, text] of [
			[3, 'unused', 'nav.old', 'no template says'],
			[4, 'arguments', 'publisher', 'lacks {site.publisher}'],
			[5, 'plural', 'index.count', '"few" is missing'],
			[5, 'plural', 'index.count', '"many" is missing'],
			[6, 'syntax', 'card.more', 'column'],
		])
			assert.ok(found.some((f) => f[0] === line && f[1] === kind && f[2] === key && f[3].includes(text)),
				`${kind} ${key}: ${JSON.stringify(found)}`);
		const missing = JSON.parse(stdout).findings.filter((f) => f.kind === 'missing').map((f) => f.key);
		assert.ok(missing.includes('nav.languages'), JSON.stringify(missing));
		const people = await call('messages', '--site', site, 'pl-pl');
		assert.match(people.stderr, /messages\/pl\.json:3: unused: nav\.old: no template says this message/);
	} finally {
		rmSync(site, { recursive: true });
	}
});
