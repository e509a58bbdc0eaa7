// What a run over many documents costs: documents a second on one thread and on all, the memory
// it takes, and how soon ten changed documents are done. Usage: node tests/bench/scale.mjs [N]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { corpus, document, place } from './corpus.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const n = Number(process.argv[2] ?? 20000);
const site = mkdtempSync(join(tmpdir(), 'edgepress-bench-'));

// Seconds and the largest resident memory in MB, of which the anonymous part.
async function run(...args) {
	const began = process.hrtime.bigint();
	const child = spawn(join(top, 'build/edgepress'), args, { cwd: site,
		stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, EDGEPRESS_SHARE: join(site, 'share') } });
	let out = '', peak = 0, own = 0;
	child.stdout.on('data', (data) => { out += data; });
	child.stderr.on('data', (data) => { out += data; });
	const timer = setInterval(() => {
		try {
			const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
			const field = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
			peak = Math.max(peak, field('VmHWM'));
			own = Math.max(own, field('RssAnon'));
		} catch {
			// it has ended
		}
	}, 20);
	const code = await new Promise((done) => child.on('close', done));
	clearInterval(timer);
	if (code !== 0)
		throw new Error(`edgepress ${args.join(' ')}: exit code ${code}\n${out.slice(-2000)}`);
	return { s: Number(process.hrtime.bigint() - began) / 1e9, peak, own };
}

const show = (what, { s, peak, own }) => console.log(`${what.padEnd(44)} ${s.toFixed(2).padStart(8)} s `
	+ `${Math.round(n / s).toLocaleString('en').padStart(10)} documents/s  ${Math.round(peak)} MB (${Math.round(own)} MB anonymous)`);

try {
	corpus(site, n);
	await run('keys', 'init', 'local');
	console.log(`${n.toLocaleString('en')} documents, 3 surfaces: parse, XSD, gates, render, hash`);
	const one = await run('render', '--dry-run', '--no-cache', '--jobs', '1');
	show('cold, 1 thread', one);
	const all = await run('render', '--dry-run', '--no-cache');
	show(`cold, ${availableParallelism()} threads (x ${(one.s / all.s).toFixed(2)})`, all);
	show('cold, and written to the cache', await run('render', '--dry-run'));
	show('nothing changed', await run('render', '--dry-run'));
	show('the first publish, into files', await run('publish', 'local', '--allow-large-change'));
	for (const edition of [1, 2]) {
		for (let i = 0; i < 10; i++)
			writeFileSync(place(site, i * 20), `${JSON.stringify(document(i * 20, edition))}\n`);
		show('10 changed in the folder: check, render, plan', await run('publish', 'local', '--dry-run'));
	}
	writeFileSync(join(site, 'ten.ndjson'), Array.from({ length: 10 }, (_, i) => JSON.stringify(document(i * 20, 3))).join('\n'));
	show('10 changed in a stream, merged: likewise', await run('publish', 'local', '--dry-run', '--merge', 'ten.ndjson'));
} finally {
	rmSync(site, { recursive: true });
}
