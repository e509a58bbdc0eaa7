// A site of many documents: months of weather of made-up towns, after a document of the sample
// site, in 20 English locales; three surfaces each: page, fragment and data. The same N gives
// the same bytes. Usage: node tests/bench/corpus.mjs FOLDER N
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const locales = ['us', 'gb', 'au', 'ca', 'nz', 'ie', 'in', 'za', 'sg', 'ph', 'hk', 'my', 'ke', 'ng',
	'gh', 'jm', 'tt', 'mt', 'bz', 'zw'].map((region) => `en-${region}`);
const sample = JSON.parse(readFileSync(join(top, 'tests/site/documents/weather/en-us/seattle-2012-11.json'), 'utf8'));
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
	'October', 'November', 'December'];
const heads = ['Al', 'Bar', 'Cor', 'Dun', 'El', 'Fal', 'Gar', 'Hol', 'Ken', 'Lin', 'Mar', 'Nor', 'Ol', 'Par', 'Ros', 'Sel'];
const tails = ['berg', 'bridge', 'by', 'dale', 'field', 'ford', 'ham', 'haven', 'holm', 'ley', 'mere', 'mouth', 'port', 'stead', 'ton', 'wick'];

// A small generator of our own: the same numbers everywhere (mulberry32).
function random(seed) {
	let a = seed >>> 0;
	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const fahrenheit = (celsius) => Math.round(celsius * 9 / 5 + 32);
const inches = (mm) => (mm / 25.4).toFixed(1);
const pad = (n) => String(n).padStart(2, '0');

// Document i; `edition` changes what it says.
export function document(i, edition = 0) {
	const next = random(i * 7919 + edition * 104729 + 1);
	const between = (low, high) => Number((low + next() * (high - low)).toFixed(1));
	const day = () => 1 + Math.floor(next() * 27);
	const locale = locales[i % locales.length], n = Math.floor(i / locales.length);
	const town = heads[n % 16] + tails[Math.floor(n / 16) % 16];
	const year = 1990 + Math.floor(n / 256) % 35, month = Math.floor(n / 256) % 12;
	const name = months[month], date = (d) => `${year}-${pad(month + 1)}-${pad(d)}T08:00:00Z`;
	const mean = between(2, 24), high = between(mean + 4, mean + 15), low = between(mean - 15, mean - 4);
	const rain = between(20, 300), most = between(5, rain / 2), wind = between(5, 30);
	const days = [day(), day(), day()];
	const updated = `${month === 11 ? year + 1 : year}-${pad((month + 1) % 12 + 1)}-02T12:00:00Z`;
	const id = `${town.toLowerCase()}-${year}-${pad(month + 1)}-${n}`;
	return { ...structuredClone(sample), id, locale, updated,
		title: `${name} ${year} in ${town}: the month in numbers`,
		summary: `${inches(rain)} inches of precipitation fell on ${town} in ${name} ${year}, and the mean temperature was ${fahrenheit(mean)} °F.`,
		provenance: { ...sample.provenance, run: `${updated.slice(0, 10)}-${id}` },
		sources: [{ ...sample.sources[0], retrieved: updated }],
		facts: {
			place: { name: town, region: 'Washington', country: 'US', zone: 'America/Los_Angeles' },
			period: { start: date(1), end: updated }, kind: 'climate', condition: 'rain',
			high, low, temperature: mean, precipitation: rain, wind: { speed: wind },
			periods: [
				{ name: 'Warmest day', start: date(days[0]), high, condition: 'clear' },
				{ name: 'Coldest night', start: date(days[1]), low, condition: 'cold' },
				{ name: 'Wettest day', start: date(days[2]), precipitation: most, condition: 'heavy-rain' },
			],
		},
		prose: `<p>With a mean of ${fahrenheit(mean)} °F, the month ranged from ${fahrenheit(low)} °F on ${name} ${days[1]} to ${fahrenheit(high)} °F on ${name} ${days[0]} in ${town}.</p>`
			+ `<ul><li>Precipitation: <strong>${inches(rain)} inches</strong> in all, ${inches(most)} inches of it on ${name} ${days[2]}</li>`
			+ `<li>Mean wind speed: ${Math.round(wind / 1.609344)} mph</li></ul>`,
	};
}

// Where document i lies: at most 1,000 in a folder.
export function place(site, i) {
	return join(site, 'documents', locales[i % locales.length], String(Math.floor(i / 20000)), `${i}.json`);
}

function surfaces(share) {
	cpSync(join(top, 'schemas'), join(share, 'schemas'), { recursive: true });
	cpSync(join(top, 'tests/site/schemas'), join(share, 'schemas'), { recursive: true });
	cpSync(join(top, 'templates'), join(share, 'templates'), { recursive: true });
	const kept = { document: ['{id}.html', '{id}.fragment.html', '{id}.data.json'],
		bundle: ['index.html', 'feed.atom', 'sitemap.xml'] };
	for (const [kind, names] of Object.entries(kept)) {
		const folder = join(share, 'templates/shared', kind);
		for (const name of readdirSync(folder))
			if (!names.includes(name))
				rmSync(join(folder, name));
	}
}

// `site`/edgepress.ini, documents, and `site`/share for EDGEPRESS_SHARE.
export function corpus(site, n) {
	const made = new Set();
	surfaces(join(site, 'share'));
	writeFileSync(join(site, 'edgepress.ini'), '[site]\nname = Bench\nurl = https://bench.example\n'
		+ 'publisher = Bench Newsroom\n\n[target local]\nstore = file:public\nkeys = keys/local\nroot = trust/local.root.json\n');
	for (let i = 0; i < n; i++) {
		const path = place(site, i), folder = dirname(path);
		if (!made.has(folder))
			mkdirSync(folder, { recursive: true });
		made.add(folder);
		writeFileSync(path, `${JSON.stringify(document(i))}\n`);
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	corpus(process.argv[2], Number(process.argv[3]));
