// A store that fails at one request of a publish, whichever: it succeeds all the same or says
// clearly that it did not, the site is the old one or the new one, and the next one finishes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Azurite } from './lib/azurite.mjs';
import { Faults } from './lib/fault.mjs';
import { get } from './lib/http.mjs';
import { desks, smallSite } from './lib/small.mjs';

const faults = {
	'500': { status: 500 },
	'503 with Retry-After': { status: 503, headers: { 'retry-after': '1', 'x-ms-error-code': 'ServerBusy' } },
	'429': { status: 429 },
	'a reset': 'reset',
	'a lost answer': 'lose',
	'a body that is cut': 'cut',
	'a body that is changed': 'spoil',
	'a slow answer': { wait: 400 },
};
// EDGEPRESS_FAULTS=all: each fault at each request; without, the faults take turns, at every third.
const all = process.env.EDGEPRESS_FAULTS === 'all';
const azurite = await Azurite.start();
let n = 0;

// A site of its own, and what fails it.
async function fresh() {
	const name = `publish-faults-${n++}`;
	const proxy = await Faults.start({ port: azurite.port });
	const store = await azurite.container(name, { open: true });
	const site = await smallSite({ uploads: 4, store: store.replace(`:${azurite.port}/`, `:${proxy.port}/`), env: azurite.env });
	const url = `${azurite.base}/${name}`;
	desks(site, { oakland: 'Desk 0' });
	await site.must('publish', 'local');
	const version = async () => JSON.parse((await get(`${url}/metadata/timestamp.json`)).text).signed.meta['snapshot.json'].version;
	return { site, proxy, version };
}

// One publish after another, each with `step` more requests that come through before the fault.
async function failAt(kinds, times, first = 0, step = 1) {
	const { site, proxy, version } = await fresh();
	let old = await version(), edition = 0;
	const count = { done: 0, failed: 0 };
	for (let at = first; ; at += step) {
		let fired = false;
		for (const [i, kind] of kinds.entries()) {
			if (!all && kinds.length > 1 && i !== at % kinds.length)
				continue;
			desks(site, { oakland: `Desk ${++edition}` });
			let seen = 0;
			fired = false;
			proxy.forget();
			proxy.rule(() => seen++ >= at && (fired = true), faults[kind], times);
			const { code, stderr } = await site.run('publish', 'local');
			const shown = `${kind} at request ${at}: exit code ${code}, ${stderr}`;
			proxy.forget();
			const is = await version();
			await site.must('verify', 'local');
			if (code === 0)
				assert.ok(is > old, shown);
			else {
				assert.ok([1, 6, 75].includes(code) && /edgepress: .*azblob|is live/.test(stderr), shown);
				await site.must('publish', 'local');
				await site.must('verify', 'local');
			}
			count[code === 0 ? 'done' : 'failed']++;
			old = await version();
			assert.ok(old >= is, shown);
		}
		if (!fired)
			break;
	}
	return count;
}

const told = ({ done, failed }) => `${done} published; ${failed} failed and were published by the next run`;

test('one request of a publish that fails, whichever and however, is made good', async (t) => {
	const count = await failAt(Object.keys(faults), 1, 0, all ? 1 : 2);
	t.diagnostic(told(count));
	assert.ok(count.done >= 10);
});

test('a store that is gone from some request on fails the publish clearly, and the next one finishes', async (t) => {
	const apart = all ? 1 : 14, lanes = all ? 6 : 3; // most of it is waiting
	const counts = await Promise.all(Array.from({ length: lanes }, (_, i) => failAt(['a reset'], 1e9, i * apart, lanes * apart)));
	const count = { done: counts.reduce((sum, one) => sum + one.done, 0), failed: counts.reduce((sum, one) => sum + one.failed, 0) };
	t.diagnostic(told(count));
	assert.ok(count.failed >= 2);
});
