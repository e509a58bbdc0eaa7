// Prometheus text format 0.0.4, read strictly: { types, samples }, where samples maps a name
// with its labels, as written, to a number.
import assert from 'node:assert/strict';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;

function labels(text) {
	const found = {};
	let at = 0;
	while (at < text.length) {
		LABEL.lastIndex = at;
		const match = LABEL.exec(text);
		assert.ok(match, `labels {${text}}`);
		assert.ok(!(match[1] in found), `label ${match[1]} twice`);
		found[match[1]] = match[2];
		at = LABEL.lastIndex;
		if (at < text.length)
			assert.equal(text[at++], ',', `labels {${text}}`);
	}
	return found;
}

export function parseMetrics(text) {
	const types = new Map(), help = new Set(), samples = new Map(), closed = new Set();
	let family = null;
	assert.ok(text.endsWith('\n'), 'the last line ends');
	assert.doesNotMatch(text, /[^\x20-\x7e\n]/, 'plain ASCII');
	for (const line of text.split('\n').slice(0, -1)) {
		let match = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line);
		if (match) {
			const [, what, name, rest] = match;
			if (name !== family) {
				assert.ok(!closed.has(name), `${name} comes twice`);
				closed.add(name);
				family = name;
			}
			if (what === 'HELP') {
				assert.ok(!help.has(name), `HELP of ${name} twice`);
				help.add(name);
			} else {
				assert.ok(!types.has(name), `TYPE of ${name} twice`);
				assert.match(rest, /^(counter|gauge|histogram|summary|untyped)$/);
				types.set(name, rest);
			}
			continue;
		}
		match = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$`).exec(line);
		assert.ok(match, `not a sample: "${line}"`);
		const [, name, written = '', value] = match;
		const base = types.get(family) === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name;
		assert.equal(base, family, `${name} stands below # TYPE ${family}`);
		if (types.get(family) === 'counter')
			assert.match(name, /_total$/, 'a counter is called so');
		labels(written);
		const key = written ? `${name}{${written}}` : name;
		assert.ok(!samples.has(key), `${key} twice`);
		samples.set(key, value === '+Inf' ? Infinity : Number(value));
		assert.ok(!Number.isNaN(samples.get(key)), line);
	}
	for (const [name, type] of types)
		if (type === 'histogram')
			checkHistogram(name, samples);
	return { types, samples };
}

// Buckets grow, and the last one is the count.
function checkHistogram(name, samples) {
	const groups = new Map();
	for (const [key, value] of samples) {
		if (!key.startsWith(`${name}_bucket{`))
			continue;
		const all = labels(key.slice(name.length + 8, -1));
		const { le, ...rest } = all;
		const group = JSON.stringify(rest);
		if (!groups.has(group))
			groups.set(group, []);
		groups.get(group).push([le === '+Inf' ? Infinity : Number(le), value]);
	}
	assert.ok(groups.size > 0, `${name} has buckets`);
	for (const buckets of groups.values()) {
		for (let i = 1; i < buckets.length; i++) {
			assert.ok(buckets[i][0] > buckets[i - 1][0], `${name}: bounds grow`);
			assert.ok(buckets[i][1] >= buckets[i - 1][1], `${name}: counts grow`);
		}
		assert.equal(buckets.at(-1)[0], Infinity);
	}
	if (groups.size === 1)
		assert.equal([...groups.values()][0].at(-1)[1], samples.get(`${name}_count`));
}
