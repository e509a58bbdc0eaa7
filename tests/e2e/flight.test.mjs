// A fetch that is under way while the edge is purged could bring the old bytes back after the
// purge. Two things prevent it, each by itself: the shipped VCL asks again, and publish purges
// once more after `settle`; docs/freshness.md, step 4.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';
import { Editions } from './lib/editions.mjs';
import { freePort } from './lib/http.mjs';
import { until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { Varnish, addEdge } from './lib/varnish.mjs';

const page = '/weather/en-us/oakland.html';
let site, edge, plain, slow, editions;

// Stands between edge and origin: asks the origin at once, hands its answer on when told.
async function slowRoad(port) {
	const road = { asked: 0, hold_ms: 0 };
	const server = createServer((rq, rs) => {
		const ask = request({ host: '127.0.0.1', port, path: rq.url, method: rq.method, headers: rq.headers }, (answer) => {
			const chunks = [];
			answer.on('data', (chunk) => chunks.push(chunk));
			answer.on('end', () => {
				const wait_ms = rq.url === page ? road.hold_ms : 0;
				road.asked += rq.url === page;
				setTimeout(() => {
					rs.writeHead(answer.statusCode, answer.headers);
					rs.end(Buffer.concat(chunks));
				}, wait_ms);
			});
		});
		ask.on('error', () => rs.destroy());
		rq.pipe(ask);
	});
	await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
	road.port = server.address().port;
	road.close = () => { server.close(); server.closeAllConnections?.(); };
	return road;
}

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	editions = new Editions(site);
	await site.must('publish');
	await site.serve();
	slow = await slowRoad(site.port);
	const ports = [await freePort(), await freePort()];
	edge = await Varnish.inFront(slow.port, { port: ports[0] });
	// Any other edge that purges by key: the shipped file without its own precaution.
	plain = await Varnish.inFront(slow.port, { port: ports[1], other: (text) => {
		const without = text.replace(/\n[^\n]*var\.get_string\("purge"\)[^{]*\{.*?\n\t\}\n/s, '\n');
		assert.ok(text.length - without.length > 100, 'the precaution is taken out');
		return without;
	} });
	addEdge(site, 'shipped', edge.url);
	addEdge(site, 'plain', plain.url);
});
after(async () => {
	slow?.close();
	await edge?.stop();
	await plain?.stop();
});

const settle = (time) => {
	const path = site.path('edgepress.ini');
	const text = readFileSync(path, 'utf8').replace(/^settle = .*\n/gm, '');
	writeFileSync(path, time ? text.replace(/^\[edge .*\]$/gm, `$&\nsettle = ${time}`) : text);
};

// Begin a fetch of this edge that the origin answers from the old version and that arrives
// `hold_ms` later, publish meanwhile: how many editions behind the edge is then, and when the
// fetch has arrived, too.
async function behindAfterPublish(varnish, hold_ms) {
	const read = async () => Editions.of((await varnish.get(page)).text);
	slow.hold_ms = 0;
	await varnish.get(page, { method: 'PURGE' });
	slow.hold_ms = hold_ms;
	const asked = slow.asked;
	const flying = read();
	await until('the origin to have answered the fetch', () => slow.asked > asked);
	slow.hold_ms = 0; // those behind it fly straight
	editions.next();
	await site.must('publish');
	const once = editions.n - await read();
	await flying;
	return Math.max(once, editions.n - await read());
}

test('a fetch in flight during a publish does not leave the old version at the edge as shipped', { timeout: 60000 }, async () => {
	for (const hold_ms of [100, 1500])
		assert.equal(await behindAfterPublish(edge, hold_ms), 0, `held for ${hold_ms} ms`);
});

test('nor without settle, whatever a fetch takes', { timeout: 60000 }, async () => {
	settle('0ms');
	assert.equal(await behindAfterPublish(edge, 4000), 0);
	settle();
});

test('nor at an edge without that precaution, where publish outlasts the fetch by settle', { timeout: 60000 }, async () => {
	for (const hold_ms of [100, 1500])
		assert.equal(await behindAfterPublish(plain, hold_ms), 0, `held for ${hold_ms} ms`);
});

test('without both, the old version comes back: so these tests can fail', { timeout: 60000 }, async () => {
	settle('0ms');
	assert.equal(await behindAfterPublish(plain, 4000), 1);
	settle();
	editions.next();
	await site.must('publish');
	assert.equal(Editions.of((await plain.get(page)).text), editions.n);
});
