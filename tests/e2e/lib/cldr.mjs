// What CLDR's own data (tests/data/cldr, version 48) says a formatter has to write, worked out
// here from patterns and symbols without ICU, and what ours writes, through templates.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const data = JSON.parse(readFileSync(join(top, 'tests/data/cldr/cldr-48.json')));
export const cldr = data;
const { supplemental } = data;
export const categories = ['zero', 'one', 'two', 'few', 'many', 'other'];

/* ---- plurals: UTS #35, part 3, section 5.1 ---- */

// A decimal as written ("1.50") as its operands.
function operands(text) {
	const [whole, fraction = ''] = text.replace('-', '').split('.');
	const t = fraction.replace(/0+$/, '');
	return { n: Number(text.replace('-', '')), i: Number(whole), v: fraction.length, w: t.length,
		f: Number(fraction || 0), t: Number(t || 0), c: 0, e: 0 };
}

function relation(text, ops) {
	const [, name, mod, sign, list] = /^(\w)(?: % (\d+))? (!?=) (.+)$/.exec(text);
	const value = mod ? ops[name] % Number(mod) : ops[name];
	const inside = list.split(',').some((part) => {
		const [low, high = low] = part.split('..').map(Number);
		return value >= low && value <= high && (low === high || Number.isInteger(value));
	});
	return sign === '=' ? inside : !inside;
}

export function category(language, text, kind = 'plurals') {
	const rules = supplemental[kind][language] ?? supplemental[kind][language.split('-')[0]];
	const ops = operands(text);
	for (const name of categories) {
		const rule = rules[`pluralRule-count-${name}`];
		const condition = rule?.split('@')[0].trim();
		if (condition && condition.split(' or ').some((any) => any.split(' and ')
			.every((one) => relation(one.trim(), ops))))
			return name;
	}
	return 'other';
}

/* ---- numbers: part 3, section 3 ---- */

const languageOf = (m) => m.locale.split('-')[0];
const native = (m, text) => text.replace(/[0-9]/g, (d) => [...supplemental.digits[m.system]][d]);

// `text` is a plain decimal; `digits` is [least, most] digits of the fraction.
function decimal(m, text, pattern, digits) {
	const [positive, negative] = pattern.split(';');
	const own = text.startsWith('-') && negative;
	const [, prefix, body, suffix] = /^([^#0]*)([#0,.]+)(.*)$/s.exec(own ? negative : positive);
	let [whole, fraction = ''] = rounded(text.replace('-', ''), digits[1]).split('.');
	fraction = fraction.padEnd(digits[0], '0');
	while (fraction.length > digits[0] && fraction.endsWith('0'))
		fraction = fraction.slice(0, -1);
	const groups = body.split('.')[0].split(',').slice(1).map((g) => g.length);
	if (groups.length && whole.length >= groups.at(-1) + Number(m.minimumGrouping)) {
		const parts = [whole.slice(-groups.at(-1))];
		let rest = whole.slice(0, -groups.at(-1));
		for (const size = groups.length > 1 ? groups[0] : groups.at(-1); rest; rest = rest.slice(0, -size))
			parts.unshift(rest.slice(-size));
		whole = parts.join(m.symbols.group);
	}
	const number = native(m, whole + (fraction ? m.symbols.decimal + fraction : ''));
	const fill = (affix) => affix.replace(/%/g, m.symbols.percentSign).replace(/-/g, m.symbols.minusSign);
	const minus = text.startsWith('-') && !own ? m.symbols.minusSign : '';
	return minus + fill(prefix) + number + fill(suffix);
}

// Half to even, on the digits as written.
function rounded(text, most) {
	const [whole, fraction = ''] = text.split('.');
	if (fraction.length <= most)
		return text;
	const kept = BigInt(whole + fraction.slice(0, most)), rest = fraction.slice(most);
	const half = '5'.padEnd(rest.length, '0');
	const up = rest > half || (rest === half && kept % 2n === 1n);
	const all = String(kept + (up ? 1n : 0n)).padStart(most + 1, '0');
	return most ? `${all.slice(0, -most)}.${all.slice(-most)}` : all;
}

function money(m, text, currency) {
	const digits = Number((supplemental.currencyFractions[currency] ?? supplemental.currencyFractions.DEFAULT)._digits);
	const symbol = m.currencySymbols[currency];
	const letterInside = m.money.startsWith('¤') ? /\p{L}$/u.test(symbol) : /^\p{L}/u.test(symbol);
	// A letter beside a digit: the pattern for it, and a space if that has none (part 3, 4.1).
	const pattern = letterInside ? (m.moneyAlpha ?? m.money).replace(/¤(?=[#0])/g, '¤\u00A0')
		.replace(/(?<=[#0])¤/g, '\u00A0¤') : m.money;
	const spoken = { ...m, symbols: { ...m.symbols,
		decimal: m.currencySymbolGroup.currencyDecimal ?? m.symbols.decimal,
		group: m.currencySymbolGroup.currencyGroup ?? m.symbols.group } };
	return decimal(spoken, text, pattern, [digits, digits]).replace('¤', symbol);
}

/* ---- dates: part 4, section 8; Gregorian, UTC ---- */

// The only language here whose own time formats have flexible day periods (dayPeriods.json).
const chinese = (hour) => hour < 5 ? 'night1' : hour < 8 ? 'morning1' : hour < 12 ? 'morning2'
	: hour < 13 ? 'afternoon1' : hour < 19 ? 'afternoon2' : 'evening1';

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function date(m, pattern, when) {
	const zero = (n, width) => String(n).padStart(width, '0');
	const fields = {
		y: (n) => (n === 2 ? zero(when.getUTCFullYear() % 100, 2) : String(when.getUTCFullYear())),
		M: (n) => n === 4 ? m.months.wide[when.getUTCMonth() + 1]
			: n === 3 ? m.months.abbreviated[when.getUTCMonth() + 1] : zero(when.getUTCMonth() + 1, n),
		d: (n) => zero(when.getUTCDate(), n),
		E: () => m.days.wide[weekdays[when.getUTCDay()]],
		c: () => m.days.alone[weekdays[when.getUTCDay()]],
		B: () => m.dayPeriods[chinese(when.getUTCHours())],
		H: (n) => zero(when.getUTCHours(), n),
		h: (n) => zero(when.getUTCHours() % 12 || 12, n),
		m: (n) => zero(when.getUTCMinutes(), n),
		s: (n) => zero(when.getUTCSeconds(), n),
		a: () => m.ampm[when.getUTCHours() < 12 ? 'am' : 'pm'],
	};
	return pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (all, quoted, letter) => {
		if (quoted !== undefined)
			return quoted === '' ? "'" : quoted;
		if (!fields[letter])
			return all;
		const text = fields[letter](all.length);
		return 'aBc'.includes(letter) || all.length > 2 && 'ME'.includes(letter) ? text : native(m, text);
	});
}

const joined = (m, width, day, time) => m.joined[width].replace(/'/g, '').replace('{1}', day).replace('{0}', time);

/* ---- relative times, units, lists ---- */

const counted = (m, patterns, prefix, plain) =>
	patterns[`${prefix}${category(m.locale, plain)}`] ?? patterns[`${prefix}other`];

function relative(m, unit, n, numeric) {
	const fields = m.relative[unit];
	const named = fields[`relative-type-${n}`];
	if (named && !numeric)
		return named;
	const plain = String(Math.abs(n));
	return counted(m, fields[`relativeTime-type-${n < 0 ? 'past' : 'future'}`], 'relativeTimePattern-count-', plain)
		.replace('{0}', decimal(m, plain, m.decimal, [0, 3]));
}

function unit(m, width, name, text) {
	const plain = text.replace('-', '');
	return counted(m, m.units[width][name], 'unitPattern-count-', plain)
		.replace('{0}', decimal(m, text, m.decimal, [0, 3]));
}

const preferred = (table, m) => (table[m.region] ?? table['001'])[0].unit;

function temperature(m, celsius) {
	const name = preferred(supplemental.temperature, m);
	const value = name === 'fahrenheit' ? Math.round(celsius * 1.8 + 32) : celsius;
	return unit(m, 'short', `temperature-${name}`, String(value));
}

function wind(m, kmh) {
	const name = preferred(supplemental.wind, m);
	const per = { 'kilometer-per-hour': 1, 'mile-per-hour': 1.609344, 'meter-per-second': 3.6 }[name];
	return unit(m, 'short', `speed-${name}`, String(Math.round(kmh / per)));
}

function list(m, patterns, items) {
	if (items.length === 2)
		return patterns[2].replace('{0}', items[0]).replace('{1}', items[1]);
	let said = patterns.end.replace('{0}', items.at(-2)).replace('{1}', items.at(-1));
	for (let i = items.length - 3; i >= 0; i--)
		said = patterns[i ? 'middle' : 'start'].replace('{0}', items[i]).replace('{1}', said);
	return said;
}

/* ---- the cases: what a template says, and what is expected ---- */

const afternoon = '2026-11-20T18:05:09Z', morning = '2026-03-01T09:07:00Z';
const numbers = ['0', '1', '-1', '12.5', '999', '1234', '1234.56', '12345.678', '-1234567', '100000000'];
const names = ['Ana', 'Bo', 'Cy', 'Di'];

export function casesOf(m) {
	const cases = [];
	const add = (name, template, expected) => cases.push({ name, template, expected });
	const isolated = (text) => (['ar', 'he'].includes(languageOf(m)) ? `\u2068${text}\u2069` : text);
	for (const n of numbers)
		add(`number ${n}`, `{{"${n}" | number ""}}`, decimal(m, n, m.decimal, [0, 6]));
	for (const n of ['0.5', '12', '-3', '1250'])
		add(`percent ${n}`, `{{"${n}" | number "percent .00"}}`, decimal(m, n, m.percent, [2, 2]));
	for (const c of new Set([m.currency, 'USD', 'EUR']))
		for (const n of ['1234.5', '-7'])
			add(`money ${c} ${n}`, `{{"${n}" | number "currency/${c}"}}`, money(m, n, c));
	for (const when of [afternoon, morning]) {
		const at = new Date(when);
		for (const width of ['full', 'long', 'medium', 'short'])
			add(`date ${width} ${when}`, `{{"${when}" | date "date-${width}"}}`, date(m, m.dates[width], at));
		for (const width of ['medium', 'short'])
			add(`time ${width} ${when}`, `{{"${when}" | date "time-${width}"}}`, date(m, m.times[width], at));
		for (const width of ['long', 'medium', 'short'])
			add(`date and time ${width} ${when}`, `{{"${when}" | date "date-${width}/time-short"}}`,
				joined(m, width, date(m, m.dates[width], at), date(m, m.times.short, at)));
	}
	add('time in Tokyo', '{{"2026-11-20T18:05:09Z" | date "time-short" tokyo}}',
		date(m, m.times.short, new Date('2026-11-21T03:05:09Z')));
	for (const [field, seconds] of [['day', 86400], ['hour', 3600], ['minute', 60]])
		for (const n of [-5, -2, -1, 0, 1, 2, 3, 11])
			for (const numeric of n === 0 ? [false] : [false, true]) {
				const then = new Date(Date.parse(afternoon) + n * seconds * 1000).toISOString().replace('.000', '');
				add(`relative ${field} ${n}${numeric ? ' numeric' : ''}`,
					`{{"${then}" | relative "long ${field}${numeric ? ' numeric' : ''}" now}}`, relative(m, field, n, numeric));
			}
	for (const n of [-10, 0, 21])
		add(`weather ${n} °C`, `{{"${n}" | number "unit/celsius usage/weather unit-width-short ."}}`, temperature(m, n));
	add('wind 36 km/h', '{{"36" | number "unit/kilometer-per-hour usage/wind unit-width-short ."}}', wind(m, 36));
	for (const name of ['temperature-celsius', 'length-kilometer', 'duration-hour'])
		for (const n of ['1', '2', '5', '21', '1.5'])
			add(`unit ${name} ${n}`, `{{"${n}" | number "measure-unit/${name} unit-width-full-name"}}`, unit(m, 'long', name, n));
	for (const style of ['and', 'or'])
		for (const n of [2, 3, 4])
			add(`list ${style} ${n}`, `{{names${n} | list "${style}"}}`,
				list(m, m.lists[style], names.slice(0, n).map(isolated)));
	for (const n of ['0', '1', '2', '3', '5', '6', '11', '21', '22', '100', '1000000', '0.5', '1.5'])
		add(`plural ${n}`, `{{#n${n.replace('.', '_')}}}{{message plural}}{{/n${n.replace('.', '_')}}}`, category(m.locale, n));
	for (const n of ['1', '2', '3', '4', '5', '11', '21', '22', '23', '101'])
		add(`ordinal ${n}`, `{{#n${n}}}{{message ordinal}}{{/n${n}}}`, category(m.locale, n, 'ordinals'));
	return cases;
}

const pattern = (kind) => `{n, ${kind}, ${categories.map((c) => `${c} {${c}}`).join(' ')}}`;

function material(cases) {
	const all = { now: afternoon, tokyo: 'Asia/Tokyo' };
	for (const n of [2, 3, 4])
		all[`names${n}`] = names.slice(0, n);
	for (const { name } of cases) {
		const [, n] = /^(?:plural|ordinal) (.*)$/.exec(name) ?? [];
		if (n)
			all[`n${n.replace('.', '_')}`] = { n: Number(n) };
	}
	return all;
}

// market -> case -> [ours, CLDR's], where they differ; and how many were compared.
export function compare(tool = join(top, 'build/e2e/locale_tool')) {
	const dir = mkdtempSync(join(tmpdir(), 'cldr-'));
	try {
		mkdirSync(join(dir, 'templates/messages'), { recursive: true });
		writeFileSync(join(dir, 'templates/messages/root.json'),
			JSON.stringify({ plural: pattern('plural'), ordinal: pattern('selectordinal') }));
		const markets = Object.keys(data.markets).map((market) => [market, casesOf(data.markets[market])]);
		writeFileSync(join(dir, 'jobs.json'), JSON.stringify(markets.map(([locale, cases]) => ({ locale,
			template: cases.map((c) => c.template).join('\n'), data: material(cases) }))));
		const said = JSON.parse(execFileSync(tool, [dir, join(dir, 'jobs.json')], { maxBuffer: 1 << 26 }));
		const differences = {};
		let compared = 0;
		markets.forEach(([market, cases], k) => said[k].split('\n').forEach((ours, i) => {
			compared++;
			if (ours !== cases[i].expected)
				(differences[market] ??= {})[cases[i].name] = [ours, cases[i].expected];
		}));
		return { differences, compared, markets: markets.length };
	} finally {
		rmSync(dir, { recursive: true });
	}
}

// What Node's own Intl writes, whose CLDR may be another; undefined where it has no such thing.
export function intl(market, name) {
	const m = data.markets[market], locale = market.replace(/-[a-z]+$/, (r) => r.toUpperCase());
	const gregorian = supplemental.calendars[m.region] === 'buddhist' ? locale : `${locale}-u-ca-gregory`;
	const [kind, a, b, c, d] = name.split(' ');
	const when = (text) => new Date(text);
	const of = {
		number: () => new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(a),
		percent: () => new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 2 }).format(a / 100),
		money: () => new Intl.NumberFormat(locale, { style: 'currency', currency: a }).format(b),
		date: () => a === 'and'
			? new Intl.DateTimeFormat(gregorian, { dateStyle: c, timeStyle: 'short', timeZone: 'UTC' }).format(when(d))
			: new Intl.DateTimeFormat(gregorian, { dateStyle: a, timeZone: 'UTC' }).format(when(b)),
		time: () => a === 'in'
			? new Intl.DateTimeFormat(gregorian, { timeStyle: 'short', timeZone: 'Asia/Tokyo' }).format(when(afternoon))
			: new Intl.DateTimeFormat(gregorian, { timeStyle: a, timeZone: 'UTC' }).format(when(b)),
		relative: () => new Intl.RelativeTimeFormat(locale, { numeric: c ? 'always' : 'auto' }).format(b, a),
		list: () => {
			const said = names.slice(0, b).map((n) => (['ar', 'he'].includes(languageOf(m)) ? `\u2068${n}\u2069` : n));
			return new Intl.ListFormat(locale, { type: a === 'and' ? 'conjunction' : 'disjunction' }).format(said);
		},
		unit: () => new Intl.NumberFormat(locale, { style: 'unit', unit: a.split('-')[1], unitDisplay: 'long' }).format(b),
		weather: () => supplemental.temperature[m.region] ? undefined
			: new Intl.NumberFormat(locale, { style: 'unit', unit: 'celsius' }).format(a),
		plural: () => new Intl.PluralRules(locale).select(a),
		ordinal: () => new Intl.PluralRules(locale, { type: 'ordinal' }).select(a),
	};
	return of[kind]?.();
}

export const causes = {
	newer: 'the data changed between CLDR 42 (ICU 72) and 48: ICU 78 in Node\'s Intl writes what is expected here',
	units: 'the unit that a region prefers or its short name changed between CLDR 42 and 48; Intl has no such choice',
	calendar: 'Thai dates are Buddhist, as CLDR\'s calendar preferences have it; the data here is Gregorian only',
	code: 'a rule in ICU\'s code, in no data: a hyphen between the Hebrew "and" and a word in other letters; Intl agrees with us',
	space: 'ICU 72 and 78 write a space between Chinese date and time, which CLDR 48 does not have',
	rounding: 'no decimals for this currency since CLDR 42; half a unit goes to the even one here and up in Intl',
};

// Node replaces the narrow space before am and pm, for the sake of old programs.
const plainSpace = (text) => text?.replace(/\u202F/g, ' ');

export function causeOf(market, name, [ours, expected]) {
	const other = intl(market, name);
	if (market === 'th-th' && /^date /.test(name))
		return 'calendar';
	if (plainSpace(other) === plainSpace(expected))
		return 'newer';
	if (/^date and/.test(name) && [ours, expected, other].every((t) => t.replace(/\s/g, '') === ours.replace(/\s/g, '')))
		return 'space';
	if (other === ours)
		return 'code';
	return /^(wind|weather)/.test(name) ? 'units' : /^money/.test(name) ? 'rounding' : undefined;
}
