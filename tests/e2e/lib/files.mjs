// Folders of a test: what is in them, copies of them, changes to their files.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './run.mjs';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

// Paths of all files below `folder`, relative to it, sorted.
export function list(folder) {
	const found = [];
	const walk = (below) => {
		for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
			const path = below ? `${below}/${entry.name}` : entry.name;
			if (entry.isDirectory())
				walk(path);
			else
				found.push(path);
		}
	};
	if (statSync(folder, { throwIfNoEntry: false }))
		walk('');
	return found.sort();
}

// { path: sha256 } of all files below `folder`.
export function digests(folder) {
	const all = {};
	for (const path of list(folder)) {
		const full = join(folder, path);
		all[path] = statSync(full, { throwIfNoEntry: false })?.isFile()
			? sha256(readFileSync(full)) : `-> ${readlinkSync(full)}`;
	}
	return all;
}

export function copyOf(folder) {
	const copy = join(tempFolder(), 'copy');
	cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
	return copy;
}

// Replace text that must be there.
export function edit(path, ...changes) {
	let text = readFileSync(path, 'utf8');
	for (const [from, to] of changes) {
		assert.ok(text.includes(from), `${path} does not hold "${from}"`);
		text = text.replaceAll(from, to);
	}
	writeFileSync(path, text);
}

// Change one byte in the middle; the length stays.
export function flipByte(path) {
	const bytes = readFileSync(path);
	bytes[bytes.length >> 1] ^= 1;
	writeFileSync(path, bytes);
}
