// What an operator watches: metrics, log, health.
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { before, test } from 'node:test';
import { Editions } from './lib/editions.mjs';
import { readPage } from './lib/docs.mjs';
import { parseMetrics } from './lib/metrics.mjs';
import { until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { talk } from './lib/wire.mjs';

const page = '/weather/en-us/oakland.html';
let site, editions;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	editions = new Editions(site);
	await site.must('publish');
	await site.serve();
});

async function metrics() {
	return parseMetrics((await site.get('/-/metrics')).text);
}
const moved = (before, after, key) => (after.samples.get(key) ?? 0) - (before.samples.get(key) ?? 0);

test('the metrics are Prometheus text, strictly read, at rest and after traffic', async () => {
	const { samples, types } = await metrics();
	assert.equal(samples.get('edgepress_ready'), 1);
	assert.equal(samples.get('edgepress_site_version'), 1);
	assert.ok(samples.get('edgepress_metadata_expires_seconds') > 3600);
	assert.ok(samples.get('edgepress_pointer_age_seconds') < 5);
	assert.ok(types.size > 20);
	assert.match((await site.get('/-/metrics')).headers['content-type'], /^text\/plain; version=0\.0\.4/);
});

test('every metric that the documentation names is there, and none that it does not name', async () => {
	const text = readPage('docs/origin.md');
	const section = text.slice(text.indexOf('## Metrics'), text.indexOf('## Log')).split('Worth an alert')[0];
	const named = new Set([...section.matchAll(/`([a-z_]+)(?:\{[^`]*\})?`/g)].map(([, name]) => name).filter((name) => name !== 'edgepress_'));
	const { types } = await metrics();
	const there = new Set([...types.keys()].map((name) => name.replace(/^edgepress_/, '')));
	assert.deepEqual([...there].sort(), [...named].sort());
});

test('counters count: requests by route and status, bytes, connections, time', async () => {
	const was = await metrics();
	const { body } = await site.get(page);
	await site.get('/weather/en-us/none.html');
	const { headers: { etag } } = await site.get(page, { method: 'HEAD' });
	await site.get(page, { headers: { 'if-none-match': etag } });
	await talk(site.port, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
	let now;
	await until('the counters to move', async () => {
		now = await metrics();
		return moved(was, now, 'edgepress_request_duration_seconds_count') >= 5;
	});
	assert.equal(moved(was, now, 'edgepress_requests_total{route="content",status="2xx"}'), 2);
	assert.equal(moved(was, now, 'edgepress_requests_total{route="content",status="3xx"}'), 1);
	assert.equal(moved(was, now, 'edgepress_requests_total{route="content",status="4xx"}'), 1);
	assert.equal(moved(was, now, 'edgepress_refused_heads_total{reason="host"}'), 1);
	assert.ok(moved(was, now, 'edgepress_sent_bytes_total') >= body.length);
	assert.ok(moved(was, now, 'edgepress_connections_total') >= 5);
	assert.ok(moved(was, now, 'edgepress_request_duration_seconds_sum') > 0);
});

test('a publish moves the version, the swaps and what is cached', async () => {
	const was = await metrics();
	editions.next();
	await site.must('publish');
	await site.page(page);
	const now = await metrics();
	assert.equal(now.samples.get('edgepress_site_version'), was.samples.get('edgepress_site_version') + 1);
	assert.equal(moved(was, now, 'edgepress_site_swaps_total'), 1);
	assert.ok(moved(was, now, 'edgepress_cache_misses_total{cache="blobs"}') >= 1);
	assert.ok(moved(was, now, 'edgepress_invalidations_total{fate="done"}') >= 1);
	assert.equal(moved(was, now, 'edgepress_damaged_objects_total'), 0);
});

const hostile = [
	'/\x1b[31mred', '/a\\"quote', '/%0d%0aSet-Cookie:%20x', '/%1b%5b31m', '/%00', '/%7f', '/\x7f', '/\x80\xff', '/%c3%28', '/%e2%80%ae', '/{"a":1}', '/a\\nb', '/\xc3\xa9',
	`/${'x'.repeat(3000)}`, '/<script>', '/%u0041', '/"', '/\\', "/'", '/%22%7d%0a{"level":"error"}',
];

test('hostile requests leave a log whose every line is JSON without raw control characters', async () => {
	for (const target of hostile)
		for (const fields of ['', 'Traceparent: 00-"\\\x1b[0m-00\r\n', `User-Agent: \x1b]0;x\x07\r\nReferer: "}\r\n`, 'Webhook-Id: "}\x01\r\n'])
			await talk(site.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}Connection: close\r\n\r\n`, 2000);
	await talk(site.port, 'POST /-/invalidate HTTP/1.1\r\nHost: a\r\nwebhook-id: "}\x1b{\r\nwebhook-timestamp: \x1b\r\nwebhook-signature: v1,"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}');
	await site.get('/weather/en-us/last.html?secret=hidden', { headers: { cookie: 'session=hidden', authorization: 'Bearer hidden' } });
	await until('the last request in the log', () => site.origin.text('stderr').includes('last.html'));
	const log = site.origin.text('stderr');
	assert.ok(log.endsWith('\n'));
	// DEL and C1 controls drive terminals, too.
	assert.doesNotMatch(log, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
	let requests = 0;
	for (const line of log.split('\n').slice(0, -1)) {
		assert.ok(line.length < 4000, `${line.length} bytes`);
		const event = JSON.parse(line);
		assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
		assert.match(event.level, /^(debug|info|warning|error)$/);
		assert.equal(typeof event.event, 'string');
		if (event.event === 'request') {
			requests++;
			assert.equal(typeof event.status, 'number');
			assert.equal(typeof event.us, 'number');
		}
	}
	assert.ok(requests > 10);
	assert.doesNotMatch(log, /hidden/, 'no query, cookie or credential');
});

test('a well-formed traceparent is in the log, so that a request can be followed', async () => {
	const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
	await site.get('/weather/en-us/traced.html', { headers: { traceparent: trace } });
	await until('the request in the log', () => site.origin.text('stderr').includes('traced.html'));
	const line = site.origin.text('stderr').split('\n').find((one) => one.includes('traced.html'));
	assert.equal(JSON.parse(line).traceparent, trace);
});

test('a store that is gone: served on, said so in header, health, metrics and log; and back', async () => {
	await site.page(page);
	renameSync(site.store, `${site.store}.away`);
	try {
		const stale = await until('an answer that says that it is stale', async () => {
			const answer = await site.get(page);
			assert.equal(answer.status, 200);
			return /detail=stale-pointer/.test(answer.headers['cache-status']) && answer;
		});
		assert.match(stale.text, new RegExp(editions.text));
		assert.ok(![404, 410].includes((await site.get('/weather/en-us/guam.html')).status), 'never 404 for what it cannot know');
		assert.equal((await site.get('/-/healthz')).status, 200);
		const { samples } = await metrics();
		assert.ok(samples.get('edgepress_store_check_failures_total') > 0);
		assert.ok(samples.get('edgepress_pointer_age_seconds') > 0.5);
	} finally {
		renameSync(`${site.store}.away`, site.store);
	}
	await until('fresh answers again', async () => !/stale/.test((await site.get(page)).headers['cache-status']));
	await site.page('/weather/en-us/guam.html');
	const events = site.origin.text('stderr').split('\n').slice(0, -1).map((line) => JSON.parse(line).event);
	assert.ok(events.includes('store check failed'));
	assert.ok(events.includes('store is back'));
});

test('an origin without a site is alive, not ready, and says 503; it becomes ready by itself', async () => {
	const empty = await sampleSite({ documents: ['documents/weather/en-us/oakland.xml'] });
	await empty.serve({ ready: false });
	assert.equal((await empty.get('/-/healthz')).status, 200);
	assert.equal((await empty.get('/-/readyz')).status, 503);
	const answer = await empty.get(page);
	assert.equal(answer.status, 503);
	assert.equal(answer.headers['cache-control'], 'no-store');
	parseMetrics((await empty.get('/-/metrics')).text);
	await empty.must('publish');
	await until('ready', async () => (await empty.get('/-/readyz')).status === 200);
	await empty.page(page);
	await empty.stop();
});
