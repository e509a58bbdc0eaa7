// What the pages say exists, exists.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { commandsShown, pages, readPage } from './lib/docs.mjs';
import { edgepress, run, top } from './lib/run.mjs';

// GitHub's way from a heading to its anchor.
const anchor = (heading) => heading.toLowerCase().replace(/[`*]/g, '').replace(/[^\p{L}\p{N} _-]/gu, '')
	.trim().replace(/ /g, '-');

function headings(page) {
	let fenced = false;
	return readPage(page).split('\n').filter((line) => {
		if (line.trimStart().startsWith('```'))
			fenced = !fenced;
		return !fenced && /^#+ /.test(line);
	}).map((line) => anchor(line.replace(/^#+ /, '')));
}

test('every relative link of the pages leads to a file, and to a heading where it names one', () => {
	const dead = [];
	for (const page of pages) {
		const text = readPage(page).replace(/^\s*```[\s\S]*?^\s*```/gm, '');
		for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
			if (/^[a-z]+:/.test(link))
				continue;
			const [path, hash] = link.split('#');
			const target = path ? normalize(join(dirname(page), path)) : page;
			if (!existsSync(join(top, target)))
				dead.push(`${page}: ${link}: no such file`);
			else if (hash && !headings(target).includes(hash))
				dead.push(`${page}: ${link}: no such heading`);
		}
	}
	assert.deepEqual(dead, []);
});

test('every source file and folder that the pages name is there', () => {
	const gone = [];
	for (const page of pages)
		for (const [, path] of readPage(page).matchAll(/`((?:base|generator|publisher|tests|deploy)\/[\w./-]*)`/g))
			if (!['', '.h', '.c'].some((end) => existsSync(join(top, path + end))))
				gone.push(`${page}: ${path}`);
	assert.deepEqual(gone, []);
});

test('every edgepress command of the pages exists, with the options shown', async () => {
	const help = {};
	const wrong = [];
	const shown = commandsShown();
	assert.ok(shown.length > 8, `only ${shown.length} commands are shown`);
	for (const { page, line, command, options } of shown) {
		if (command === 'help' || command === 'COMMAND')
			continue;
		help[command] ??= await run([edgepress, command, '--help']);
		if (help[command].code !== 0) {
			wrong.push(`${page}:${line}: edgepress ${command}: no such command`);
			continue;
		}
		for (const option of options)
			if (!new RegExp(`${option}(?![a-z-])`).test(help[command].stdout))
				wrong.push(`${page}:${line}: edgepress ${command} ${option}: no such option`);
	}
	assert.deepEqual(wrong, []);
});

test('every make target of the pages exists', async () => {
	const { stdout } = await run(['make', '-C', top, '--no-print-directory', 'help']);
	const targets = stdout.split('\n').map((line) => line.split(/\s/)[0]);
	const wrong = [];
	for (const page of pages)
		for (const [, target] of readPage(page).matchAll(/(?:`| {4})make ([a-z][a-z-]+)/g))
			if (!targets.includes(target))
				wrong.push(`${page}: make ${target}`);
	assert.deepEqual(wrong, []);
});
