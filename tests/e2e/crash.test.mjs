// Publishers that are killed at each of their writing system calls, by a preloaded library; and
// power that fails under them.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { digests, list, sha256 } from './lib/files.mjs';
import { readFolder } from './lib/reader.mjs';
import { build, tempFolder } from './lib/run.mjs';
import { Site } from './lib/site.mjs';
import { desks, smallSite } from './lib/small.mjs';

const library = join(build, 'e2e/crash.so');
// All that these tests publish is of one moment, so that runs differ in nothing but names of
// temporary files.
const now = Math.floor(Date.now() / 1000);
// EDGEPRESS_CRASH=all looks at each site that was killed as if it were the only one; without, at
// those that differ by more than leftovers.
const all = process.env.EDGEPRESS_CRASH === 'all';

// A site in a folder of its own, which is as `site` is now.
function copyOf(site, dir = join(tempFolder(), 'site')) {
	rmSync(dir, { recursive: true, force: true });
	cpSync(site.dir, dir, { recursive: true });
	const copy = new Site(dir, 0);
	copy.env = site.env;
	return copy;
}

const shimmed = (site, env) => ({ env: { LD_PRELOAD: library, CRASH_UNDER: site.dir, ...env } });

// The writing calls of one command on a copy of `site`, and the site after it.
async function journalOf(site, args) {
	const done = copyOf(site);
	const file = join(dirname(done.dir), 'journal');
	await done.must(...args, shimmed(done, { CRASH_JOURNAL: file }));
	return { done, calls: readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) };
}

const temporary = /(^|\/)\.tmp|^\.edgepress\//;
const stateOf = (site) => sha256(JSON.stringify(Object.entries(digests(site.dir)).filter(([path]) => !temporary.test(path))));

// Names that follow from content; the others have numbers, and numbers may be skipped.
const contents = (site) => list(site.store).filter((path) => /^(blobs|trees|targets)\//.test(path));
const collect = (site) => site.must('gc', 'local', '--grace', '0s', { env: { SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 1000) + 5) } });

const points = [];
let sites = 0;

// Kill `args` on copies of `site` at each of its writing calls. What is there then is what was
// there before or what it leads to; `then`, once more by default, finishes it.
async function killEverywhere(site, args, then = args) {
	const { done, calls } = await journalOf(site, args);
	const old = readFolder(site.store), fresh = readFolder(done.store);
	const collected = ['publish', 'rollback', 'timestamp'].includes(args[0]);
	const clean = copyOf(done);
	await clean.must(...then);
	await collect(clean);
	const wanted = contents(clean);
	const todo = calls.flatMap(({ call }, i) => [['before', i + 1], ...(call === 'write' ? [['torn', i + 1]] : [])]);
	points.push(todo.length);
	const seen = new Set();
	const outcomes = { old: 0, new: 0 };
	const one = async (copy, [how, at]) => {
		copyOf(site, copy.dir);
		const shown = `${args.join(' ')} killed ${how} call ${at}, ${calls[at - 1].call} ${calls[at - 1].path}`;
		const killed = await copy.run(...args, shimmed(copy, { CRASH_AT: String(at), CRASH_HOW: how }));
		assert.equal(killed.signal, 'SIGKILL', `${shown}: ${killed.stderr}`);
		const is = readFolder(copy.store);
		outcomes[JSON.stringify(is?.text) === JSON.stringify(old?.text) ? 'old' : 'new']++;
		assert.ok([old, fresh].some((one) => JSON.stringify(one?.text) === JSON.stringify(is?.text)), `${shown}: ${JSON.stringify(is?.text)}`);
		assert.ok((is?.version ?? 0) >= (old?.version ?? 0), shown);
		const state = stateOf(copy);
		if (seen.has(state) && !all)
			return;
		seen.add(state);
		sites++;
		if (is) {
			const { code, stderr } = await copy.run('verify', 'local');
			assert.equal(code, 0, `${shown}: verify: ${stderr}`);
		}
		const again = await copy.run(...then);
		assert.equal(again.code, 0, `${shown}, then ${then.join(' ')}: ${again.stderr}`);
		assert.deepEqual(readFolder(copy.store).text, fresh.text, shown);
		const left = list(join(copy.store, '.tmp'));
		assert.ok(left.length <= 1, `${shown}: ${left}`);
		for (const command of all ? ['verify', 'audit'] : []) {
			const { code, stderr } = await copy.run(command, 'local');
			assert.equal(code, 0, `${shown}, then ${then.join(' ')}: ${command}: ${stderr}`);
		}
		if (!collected || (sites % 3 !== 0 && !all))
			return;
		await collect(copy);
		assert.deepEqual(contents(copy), wanted, `${shown}: what is left over after gc`);
	};
	const worker = async () => {
		const copy = copyOf(site);
		for (let point; (point = todo.shift());)
			await one(copy, point);
	};
	await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker));
	return outcomes;
}

async function smallSiteNow(options = {}) {
	return smallSite({ ...options, env: { SOURCE_DATE_EPOCH: String(now) } });
}

let empty, site;
before(async () => {
	empty = await smallSiteNow();
	desks(empty, { oakland: 'Desk 1' });
	site = copyOf(empty);
	await site.must('publish', 'local');
	desks(site, { oakland: 'Desk 2', berkeley: 'Desk 2' });
	await site.must('publish', 'local');
});

test('a first publish that is killed at any writing call leaves nothing or all of it', async () => {
	const { old, new: fresh } = await killEverywhere(empty, ['publish', 'local']);
	assert.ok(old > 50 && fresh > 10, `${old} old, ${fresh} new`);
});

test('a publish of changes that is killed at any writing call leaves the old version or the new', async () => {
	const copy = copyOf(site);
	desks(copy, { oakland: 'Desk 3', alameda: 'Desk 3', oxnard: 'Desk 3' });
	rmSync(copy.path('documents/berkeley.xml'));
	const { old, new: fresh } = await killEverywhere(copy, ['publish', 'local', '--allow-large-change']);
	assert.ok(old > 50 && fresh > 10, `${old} old, ${fresh} new`);
});

test('a rollback that is killed at any writing call leaves the old version or the new', async () => {
	const { old, new: fresh } = await killEverywhere(site, ['rollback', 'local', '--to', '1']);
	assert.ok(old > 10 && fresh > 10, `${old} old, ${fresh} new`);
});

test('a renewal that is killed at any writing call leaves a site that verifies', async () => {
	await killEverywhere(site, ['timestamp', 'local']);
});

test('a takedown that is killed at any writing call leaves the old version or the new', async () => {
	await killEverywhere(site, ['takedown', 'local', 'weather/en-us/berkeley', '--reason', 'wrong']);
});

for (const role of ['snapshot', 'timestamp', ...(all ? ['weather', 'targets', 'root'] : [])])
	test(`a rotation of the key of ${role} that is killed at any writing call leaves a site that verifies and publishes`, async () => {
		await killEverywhere(site, ['keys', 'rotate', 'local', role], ['publish', 'local']);
	});

test('more than 500 points were tried', (t) => {
	const sum = points.reduce((a, b) => a + b);
	t.diagnostic(`${sum} points (${points.join(', ')}), ${sites} sites looked at`);
	assert.ok(sum >= 500, String(sum));
});
