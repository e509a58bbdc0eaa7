// Processes and temporary folders of the tests: started here, ended here, whatever happens.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after } from 'node:test';

export const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const build = process.env.EDGEPRESS_BUILD ?? join(top, 'build');
export const edgepress = join(build, 'edgepress');
export const origin = join(build, 'edgepress-origin');

const folders = new Set();
const children = new Set();

export function kill(child, signal = 'SIGKILL') {
	try {
		process.kill(-child.pid, signal); // its group: what it started ends with it
	} catch {
		// it has ended by itself
	}
}

function cleanUp() {
	for (const child of children)
		kill(child);
	for (const folder of folders)
		rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	children.clear();
	folders.clear();
}
after(cleanUp);
process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM'])
	process.once(signal, () => process.exit(1));

export function tempFolder() {
	const folder = mkdtempSync(join(tmpdir(), 'edgepress-e2e-'));
	folders.add(folder);
	return folder;
}

// A program started in a group of its own. `ended` resolves to { code, signal, stdout, stderr }.
// With input: null its standard input stays open, for whoever writes to `stdin`.
export function start(argv, { cwd, env = {}, input } = {}) {
	const all = { ...process.env, ...env };
	if (env.SOURCE_DATE_EPOCH === undefined)
		delete all.SOURCE_DATE_EPOCH;
	const child = spawn(argv[0], argv.slice(1), { cwd, env: all, detached: true, stdio: 'pipe' });
	children.add(child);
	const seen = { stdout: [], stderr: [] };
	for (const name of ['stdout', 'stderr'])
		child[name].on('data', (chunk) => seen[name].push(chunk));
	const text = (name) => Buffer.concat(seen[name]).toString('utf8');
	const ended = new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code, signal) => {
			children.delete(child);
			resolve({ code, signal, stdout: text('stdout'), stderr: text('stderr') });
		});
	});
	ended.catch(() => {}); // whoever awaits it sees the error
	child.stdin.on('error', () => {}); // a program may end without reading all of its input
	if (input !== null)
		child.stdin.end(input);
	return { pid: child.pid, stdin: child.stdin, ended, text, kill: (signal) => kill(child, signal) };
}

export async function run(argv, { timeout_ms = 60000, ...options } = {}) {
	const program = start(argv, options);
	let late = false;
	const timer = setTimeout(() => {
		late = true;
		program.kill();
	}, timeout_ms);
	const result = await program.ended;
	clearTimeout(timer);
	if (late)
		throw new Error(`${argv.join(' ')}: still running after ${timeout_ms} ms\n${result.stderr}`);
	return result;
}

// Ask again until the answer is true; the wait is bounded, and its failure says for what it was.
export async function until(what, ask, timeout_ms = 10000) {
	const end = Date.now() + timeout_ms;
	for (;;) {
		const answer = await ask();
		if (answer)
			return answer;
		if (Date.now() > end)
			throw new Error(`waited ${timeout_ms} ms in vain: ${what}`);
		await new Promise((wake) => setTimeout(wake, 20));
	}
}
