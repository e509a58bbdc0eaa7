// Power that fails while something is published: what the disk then holds is the old site or the
// new one, and what was reported as published is there.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { list, sha256 } from './lib/files.mjs';
import { Disk } from './lib/power.mjs';
import { read } from './lib/reader.mjs';
import { build, tempFolder } from './lib/run.mjs';
import { Site } from './lib/site.mjs';
import { desks, smallSite } from './lib/small.mjs';

const library = join(build, 'e2e/crash.so');
const bytesOf = (dir) => Object.fromEntries(list(dir).map((path) => [path, readFileSync(join(dir, path))]));
const foldersOf = (dir) => readdirSync(dir, { withFileTypes: true, recursive: true }).filter((entry) => entry.isDirectory())
	.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dir.length + 1));
const digests = new WeakMap();
function digest(bytes) {
	if (!digests.has(bytes))
		digests.set(bytes, sha256(bytes));
	return digests.get(bytes);
}
const reader = (files) => read((path) => files.get(`public/${path}`) ?? null, digest);
const shown = (seen) => JSON.stringify(seen && seen.text);

// Run a command that writes; what there was before, and its calls.
async function recorded(site, ...args) {
	const files = bytesOf(site.dir), folders = foldersOf(site.dir);
	const journal = join(tempFolder(), 'journal');
	await site.must(...args, { env: { LD_PRELOAD: library, CRASH_UNDER: site.dir, CRASH_JOURNAL: journal } });
	const calls = readFileSync(journal, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
	return { site, args, files, folders, calls };
}

// Names that are read without a check of their own would show a file that was torn. The cache is
// not among them: it is checked, and made again.
const judged = (path) => !/(^|\/)\.(tmp|lock)|^\.edgepress\//.test(path);

// Whole files that each name may have: those of before, and those that were moved there.
function wholes({ files, folders, calls }) {
	const disk = new Disk(files, folders), all = new Map(Object.entries(files).map(([path, bytes]) => [path, [bytes]]));
	for (const call of calls) {
		disk.call(call);
		if (call.to)
			all.set(call.to, [...(all.get(call.to) ?? []), disk.now.get(call.to).data]);
	}
	return all;
}

// Looks at all that may be found after each call. Returns what is wrong, and how much was seen.
function judge(run, { unsynced = () => false } = {}) {
	const disk = new Disk(run.files, run.folders, judged), whole = wholes(run);
	const old = reader(new Map(Object.entries(run.files))), fresh = reader(new Map(Object.entries(bytesOf(run.site.dir))));
	const last = Object.entries(bytesOf(run.site.dir)).filter(([path]) => judged(path) && path.startsWith('public/'));
	const wrong = [], states = new Map();
	let looked = 0;
	for (let n = 0; n <= run.calls.length; n++) {
		if (n > 0 && !unsynced(run.calls[n - 1], n - 1))
			disk.call(run.calls[n - 1]);
		for (const { name, files } of disk.after()) {
			const key = [...files].filter(([path]) => judged(path)).map(([path, bytes]) => `${path} ${digest(bytes)}`).sort().join('\n');
			const over = n === run.calls.length;
			looked++;
			if (!over && states.has(key))
				continue;
			states.set(key, files);
			const where = `after ${n} of ${run.calls.length} calls, ${name}`;
			let seen = null;
			try {
				seen = reader(files);
				if (shown(seen) !== shown(fresh) && (over || shown(seen) !== shown(old)))
					wrong.push(`${where}: ${shown(seen)}`);
			} catch (error) {
				wrong.push(`${where}: ${error.message}`);
			}
			for (const [path, bytes] of over ? last : [])
				if (!files.get(path)?.equals(bytes))
					wrong.push(`${where}: ${path} is missing or old`);
			for (const [path, bytes] of files)
				if (judged(path) && !whole.get(path)?.some((one) => one.equals(bytes)))
					wrong.push(`${where}: ${path} is torn`);
		}
		if (wrong.length > 0)
			break;
	}
	return { wrong, states, looked };
}

// A site from what was found on a disk.
function restored(site, files) {
	const dir = join(tempFolder(), 'site');
	for (const [path, bytes] of files) {
		mkdirSync(dirname(join(dir, path)), { recursive: true });
		writeFileSync(join(dir, path), bytes, { mode: path.startsWith('keys/') ? 0o600 : 0o644 });
	}
	const copy = new Site(dir, 0);
	copy.env = site.env;
	return copy;
}

const runs = [];
before(async () => {
	const site = await smallSite();
	desks(site, { oakland: 'Desk 1' });
	runs.push(await recorded(site, 'publish', 'local'));
	runs[0].site = restored(site, Object.entries(bytesOf(site.dir)));
	desks(site, { oakland: 'Desk 2', berkeley: 'Desk 2' });
	for (const args of [['publish', 'local'], ['rollback', 'local', '--to', '1'], ['timestamp', 'local'], ['keys', 'rotate', 'local', 'timestamp'], ['keys', 'rotate', 'local', 'snapshot']]) {
		const run = await recorded(site, ...args);
		run.site = restored(site, Object.entries(bytesOf(site.dir)));
		runs.push(run);
	}
});

test('whatever of it has reached the disk, the site is the old one or the new one, and once reported it is the new one', async (t) => {
	for (const run of runs) {
		const { wrong, states, looked } = judge(run);
		assert.deepEqual(wrong, [], run.args.join(' '));
		t.diagnostic(`${run.args.join(' ')}: ${run.calls.length} calls, ${looked} disks, ${states.size} of them different`);
	}
});

test('a site from such a disk verifies and publishes, whatever has become of the render cache', async (t) => {
	let looked = 0;
	for (const run of [runs[1], runs[4], runs[5]]) {
		const all = [...judge(run).states.values()];
		const step = Math.ceil(all.length / (process.env.EDGEPRESS_CRASH === 'all' ? 400 : 10));
		for (let i = 0; i < all.length; i += step) {
			const site = restored(run.site, all[i]);
			await site.must('verify', 'local');
			await site.must('publish', 'local');
			await site.must('verify', 'local');
			looked++;
		}
	}
	t.diagnostic(`${looked} sites`);
});

// Of folders: where a later one makes up for it, or nothing in it had changed, nobody can.
test('the judge sees each fsync that is left out and was needed', async (t) => {
	const run = runs[1];
	const syncs = run.calls.map((call, i) => ({ ...call, i })).filter(({ call, path }) => call === 'sync' && path.startsWith('public'));
	const unseen = syncs.filter(({ i }) => judge(run, { unsynced: (_, n) => n === i }).wrong.length === 0);
	t.diagnostic(`${syncs.length - unseen.length} of ${syncs.length}`);
	assert.ok(syncs.length > 20);
	const needed = ({ path, i }) => !syncs.some((one) => one.path === path && one.i > i)
		&& run.calls.slice(0, i).some((call) => [call.path, call.to].some((name) => name === path || dirname(name) === path));
	assert.deepEqual(unseen.filter(needed).map(({ path }) => path), []);
	assert.ok(syncs.filter(({ i }) => run.calls[i - 1].call === 'write').every((one) => !unseen.includes(one)), 'of files: each');
});

for (const kind of ['file', 'folder'])
	test(`a publisher whose fsync of each ${kind} does nothing is found out`, async () => {
		const site = await smallSite();
		desks(site, { oakland: 'Desk 1' });
		site.env = { ...site.env, CRASH_UNSYNCED: kind };
		const { wrong } = judge(await recorded(site, 'publish', 'local'));
		assert.match(wrong.join('\n'), kind === 'file' ? /is torn/ : /is missing/);
	});
