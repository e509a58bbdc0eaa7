// The pages for people, read as promises.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './run.mjs';

export const pages = ['README.md', ...readdirSync(join(top, 'docs'))
	.filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`)];
export const readPage = (page) => readFileSync(join(top, page), 'utf8');

// Fenced blocks in order: { language, text, before }, where `before` is the last line of text
// above the fence. Lists may indent a block; the indentation is taken off.
export function blocks(text) {
	const found = [];
	let block = null, before = '';
	for (const line of text.split('\n')) {
		const fence = /^(\s*)```(\S*)\s*$/.exec(line);
		if (fence && block) {
			found.push({ ...block, text: block.lines.map((l) => `${l}\n`).join('') });
			block = null;
			before = '';
		} else if (fence) {
			block = { indent: fence[1].length, language: fence[2], before, lines: [] };
		} else if (block) {
			block.lines.push(line.slice(Math.min(block.indent, line.length - line.trimStart().length)));
		} else if (line.trim()) {
			before = line.trim();
		}
	}
	return found;
}

// Blocks of one heading, up to the next heading of the same or a higher level.
export function section(text, heading) {
	const lines = text.split('\n');
	const first = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
	if (first < 0)
		throw new Error(`no heading "${heading}"`);
	const depth = /^#+/.exec(lines[first])[0].length;
	let fenced = false;
	const rest = lines.slice(first + 1);
	const last = rest.findIndex((line) => {
		if (line.trimStart().startsWith('```'))
			fenced = !fenced;
		const hashes = /^(#+) /.exec(line);
		return !fenced && hashes && hashes[1].length <= depth;
	});
	return rest.slice(0, last < 0 ? undefined : last).join('\n');
}

// Every place where a page says `edgepress COMMAND …`: { page, line, command, options }.
export function commandsShown() {
	const found = [];
	for (const page of pages) {
		let fence = null;
		readPage(page).split('\n').forEach((line, i) => {
			const mark = /^\s*```(\S*)/.exec(line);
			if (mark) {
				fence = fence === null ? mark[1] : null;
				return;
			}
			const texts = fence === null ? [...line.matchAll(/`([^`]+)`/g)].map((m) => m[1])
				: ['sh', 'bash', 'console', ''].includes(fence) ? [line.replace(/\s#.*$/, '')] : [];
			if (fence === null && /^ {4}edgepress /.test(line))
				texts.push(line.trim().replace(/ {2,}.*$/, '')); // what it does stands behind it
			for (const text of texts)
				for (const [, words] of text.matchAll(/(?:^|[\s|/(])edgepress ((?:[^|;&#]|\\\|)*)/g)) {
					const [command, ...rest] = words.trim().split(/\s+/);
					if (!/^[a-z]/.test(command) || text === 'edgepress site') // a site's default name
						continue;
					const options = rest.filter((word) => /^--[a-z]/.test(word)).map((word) => /^--[a-z-]+/.exec(word)[0]);
					found.push({ page, line: i + 1, command, words, options });
				}
		});
	}
	return found;
}

// The commands of docs/commands.md's table.
export function commandsListed() {
	const table = readPage('docs/commands.md').split('\n').filter((line) => /^\| `[a-z]/.test(line));
	return table.map((line) => /^\| `([a-z]+)/.exec(line)[1]);
}
