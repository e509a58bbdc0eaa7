// Cards as Windows widgets and other hosts take them: Adaptive Cards 1.5.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { lowContrast, tab } from './lib/browser.mjs';
import { readJson } from './lib/files.mjs';
import { top } from './lib/run.mjs';
import { adaptiveCard15 } from './lib/schemas.mjs';
import { sampleSite } from './lib/site.mjs';

const require = createRequire(import.meta.url);
const { Template } = require('adaptivecards-templating');
const { AdaptiveCard, SerializationContext, Versions } = require('adaptivecards/dist/adaptivecards.js');
const modules = join(top, 'tests/node_modules');

const verticals = ['weather', 'finance', 'sports'], locales = ['en-us', 'de-de', 'fr-fr', 'ja-jp', 'ar-sa'];
const sizes = ['small', 'medium', 'large'], themes = ['light', 'dark'];
const bundles = verticals.flatMap((vertical) => locales.map((locale) => `${vertical}/${locale}`));
const cards = {}; // "weather/en-us" to { template, documents: [{ id, data, card }] }
let site, validate;
before(async () => {
	site = await sampleSite();
	await site.must('publish');
	await site.serve();
	validate = adaptiveCard15();
	const read = async (path) => JSON.parse(await site.page(path));
	for (const bundle of bundles) {
		const { documents } = await read(`/${bundle}/index.json`);
		cards[bundle] = { template: await read(`/${bundle}/card.template.json`), documents: [] };
		for (const { id, title } of documents)
			cards[bundle].documents.push({ id, title, data: await read(`/${bundle}/${id}.data.json`), card: await read(`/${bundle}/${id}.card.json`) });
	}
});

const every = function* () {
	for (const bundle of bundles)
		for (const doc of cards[bundle].documents)
			yield { bundle, ...doc, template: cards[bundle].template, name: `${bundle}/${doc.id}` };
};

const expand = (template, data, host) => new Template(template).expand({ $root: data, $host: host });

// All values of all members called so, at any depth.
function all(value, names, found = []) {
	if (Array.isArray(value))
		value.forEach((one) => all(one, names, found));
	else if (value && typeof value === 'object')
		for (const [key, one] of Object.entries(value)) {
			if (names.includes(key) && typeof one === 'string')
				found.push(one);
			all(one, names, found);
		}
	return found;
}

// Shown text, from the card's own blocks.
const words = (card) => all(card.body, ['text', 'title', 'value']).join('\n');

function parse(card) {
	const context = new SerializationContext(Versions.v1_5);
	const parsed = new AdaptiveCard();
	parsed.parse(card, context);
	return Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i)).map(({ message, phase }) => `${phase}: ${message}`);
}

function isSound(card, { data, title, name, size }) {
	assert.deepEqual(parse(card), [], name);
	assert.deepEqual(validate(card), [], name);
	assert.equal(card.version, '1.5');
	assert.equal(card.rtl, data.rtl, name);
	const text = JSON.stringify(card);
	assert.doesNotMatch(text, /\$\{|\{\{|undefined|"null"|NaN|\[object/, `${name}: something is unresolved`);
	assert.ok(card.speak.includes(title), name);
	assert.ok(card.fallbackText.includes(title), name);
	assert.ok(words(card).includes(size === 'small' ? data.ai.label : data.disclosure), `${name}: disclosure`);
	assert.ok(all(card.body, ['text']).some((one) => /digitalsourcetype\/(trained|compositeWithTrained)/.test(one)), `${name}: for machines`);
	for (const url of all(card, ['url', 'iconUrl']))
		assert.match(url, /^https?:\/\/[^/\s]+\/[^\s]*$/, name);
	for (const image of images(card))
		assert.ok(image.altText, `${name}: ${image.url} has words`);
	// Documents' words are TextRuns: a TextBlock would read them as Markdown.
	for (const block of blocks(card.body, 'TextBlock'))
		assert.ok(block.text !== title && !block.text.includes(data.summary), `${name}: ${block.text}`);
}
function blocks(value, type, found = []) {
	if (Array.isArray(value))
		value.forEach((one) => blocks(one, type, found));
	else if (value && typeof value === 'object') {
		if (value.type === type)
			found.push(value);
		Object.values(value).forEach((one) => blocks(one, type, found));
	}
	return found;
}
const images = (card) => blocks(card, 'Image');

test('there are cards of every document', () => {
	assert.ok([...every()].length > 150);
});

for (const size of sizes)
	for (const theme of themes)
		test(`template and data of every document make a sound ${size} card on a ${theme} host`, () => {
			for (const one of every())
				isSound(expand(one.template, one.data, { widgetSize: size, hostTheme: theme }), { ...one, size, name: `${one.name} ${size}` });
		});

test('a host that tells nothing gets the same as a medium one', () => {
	for (const one of every())
		assert.deepEqual(expand(one.template, one.data, undefined), expand(one.template, one.data, { widgetSize: 'medium', hostTheme: 'light' }), one.name);
});

test('a larger card says more, and a small one is short', () => {
	for (const one of every()) {
		const [small, medium, large] = sizes.map((size) => words(expand(one.template, one.data, { widgetSize: size })).length);
		assert.ok(small < medium && medium <= large, `${one.name}: ${small} ${medium} ${large}`);
	}
});

test('every card that is filled in already is sound and shows the title or what it is about', () => {
	for (const one of every())
		isSound(one.card, { ...one, name: `${one.name}.card.json` });
});

test('the template is the same for all documents, and does not change when one of them does', async () => {
	const was = site.bundle('weather/en-us').manifest.files.find(({ path }) => path === 'card.template.json').sha256;
	const { headers: { etag } } = await site.get('/weather/en-us/card.template.json');
	assert.equal((await site.get('/weather/en-us/card.template.json', { headers: { 'if-none-match': etag } })).status, 304);
	assert.match(was, /^[0-9a-f]{64}$/);
	for (const bundle of bundles)
		assert.doesNotMatch(JSON.stringify(cards[bundle].template), /seattle|guam|usd-eur|wc2018/i, bundle);
});

test('data names its language and direction, its source in machine words, and dates in both forms', () => {
	for (const { data, bundle, name, id } of every()) {
		const [, locale] = bundle.split('/');
		assert.equal(data.id, id);
		assert.equal(data.language.toLowerCase(), locale, name);
		assert.equal(data.rtl, locale === 'ar-sa', name);
		assert.match(data.ai.digital_source_type, /\/(trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia)$/);
		assert.match(data.updatedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
		assert.ok(data.updated.length > 5 && data.updated !== data.updatedAt);
		assert.ok(data.sources.length > 0 && data.sources.every(({ url }) => url.startsWith('https://')));
	}
});

test('a card about a month names the month and its year, and gives a value for each day that stood out', () => {
	const wrong = [];
	for (const { name, id, data } of every()) {
		const year = /-(20\d\d)-\d\d$/.exec(id)?.[1];
		if (!year || !name.startsWith('weather/'))
			continue;
		const when = data.facts.when.replace(/[٠-٩]/g, (digit) => '٠١٢٣٤٥٦٧٨٩'.indexOf(digit));
		if (!when.includes(year))
			wrong.push(`${name}: "${data.facts.when}"`);
		for (const period of data.facts.periods)
			if (!/[\d٠-٩]/.test(period.temperature))
				wrong.push(`${name}: "${period.name}" ${JSON.stringify(period)}`);
	}
	assert.deepEqual(wrong, []);
});

// One page with the host's renderer, as a widget board draws cards.
async function host(scheme, theme) {
	const config = readJson(join(top, `tests/data/adaptive-cards/widget-${theme}.json`));
	const { page, wrong, close, shoot } = await tab({ width: 320, height: 600, scheme });
	await page.setContent(`<!doctype html><html><body style="margin:0;background:${theme === 'dark' ? '#202020' : '#fff'}"><div id="card" style="width:300px"></div></body></html>`);
	await page.addScriptTag({ content: readFileSync(join(modules, 'adaptivecards/dist/adaptivecards.min.js'), 'utf8') });
	// Cards name the site's public address; here its files come from the test's origin.
	await page.route(/\.(png|svg)$/, (route) => {
		const { pathname } = new URL(route.request().url());
		return site.get(pathname).then(({ status, body, headers }) => route.fulfill({ status, body, contentType: headers['content-type'] }));
	});
	// Hosts bring a Markdown processor; this one knows what would do harm.
	await page.evaluate(() => {
		AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
			const safe = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
			result.outputHtml = safe.replace(/\[([^\]]*)\]\(([^)]*)\)/g, '<a href="$2">$1</a>').replace(/\*\*([^*]*)\*\*/g, '<strong>$1</strong>');
			result.didProcess = true;
		};
	});
	const draw = (card) => page.evaluate(([card, config]) => {
		const adaptive = new AdaptiveCards.AdaptiveCard();
		adaptive.hostConfig = new AdaptiveCards.HostConfig(config);
		adaptive.parse(card);
		const element = adaptive.render();
		document.querySelector('#card').replaceChildren(element);
		return { text: document.body.innerText, dir: getComputedStyle(element).direction, width: document.documentElement.scrollWidth, alts: [...document.images].map((i) => i.alt),
			links: [...document.querySelectorAll('#card a')].map((a) => a.href), html: element.outerHTML };
	}, [card, config]);
	return { page, wrong, close, shoot, draw };
}

for (const theme of themes)
	test(`cards of every vertical, language and size are drawn in Chromium on a ${theme} host`, { timeout: 120000 }, async () => {
		const { page, wrong, close, shoot, draw } = await host(theme, theme);
		const faint = [];
		for (const bundle of bundles) {
			const { template, documents } = cards[bundle];
			for (const one of [documents.at(0), documents.at(-1)])
				for (const size of [undefined, ...sizes]) {
					const card = size ? expand(template, one.data, { widgetSize: size, hostTheme: theme }) : one.card;
					const seen = await draw(card);
					const name = `${bundle}/${one.id}`;
					assert.ok(seen.text.includes(size === 'small' ? one.data.ai.label : one.data.disclosure), `${name}: disclosure`);
					assert.ok(seen.text.includes(one.title) || seen.text.includes(one.data.facts.place ?? '\0') || Object.values(one.data.facts).some((fact) => typeof fact === 'string' && fact.length > 3 && seen.text.includes(fact)), `${name}: what it is about`);
					assert.equal(seen.dir, one.data.rtl ? 'rtl' : 'ltr', name);
					assert.ok(seen.width <= 320, `${name}: ${seen.width} px wide`);
					assert.ok(seen.alts.every(Boolean), name);
					assert.doesNotMatch(seen.text, /digitalsourcetype/, 'the machine-readable line is hidden');
					faint.push(...(await page.evaluate(lowContrast)).map((what) => `${name}: ${what}`));
				}
			await shoot(`card-${theme}-${bundle.replace('/', '-')}`);
		}
		assert.deepEqual(wrong, []);
		assert.deepEqual([...new Set(faint)].slice(0, 5), []);
		await close();
	});

// A widget is 300 px wide and 146, 304 or 462 px high; the board's own line takes 48 of them.
const room = { small: 146 - 48, medium: 304 - 48, large: 462 - 48 };

test('no card of any document and language is higher than the widget board lets it be', { timeout: 120000 }, async () => {
	const { page, close } = await host('light', 'light');
	await page.route(/\.png$/, (route) => route.fulfill({ status: 200, contentType: 'image/png', body: '' }));
	await page.addStyleTag({ content: '#card img { aspect-ratio: 1 }' }); // as large as if they were there
	const config = readJson(join(top, 'tests/data/adaptive-cards/widget-light.json'));
	const high = [];
	for (const bundle of bundles) {
		const { template, documents } = cards[bundle];
		const list = documents.flatMap(({ id, data }) => sizes.map((size) => ({ id, size, card: expand(template, data, { widgetSize: size, hostTheme: 'light' }) })));
		const heights = await page.evaluate(([list, config]) => list.map(({ card }) => {
			const adaptive = new AdaptiveCards.AdaptiveCard();
			adaptive.hostConfig = new AdaptiveCards.HostConfig(config);
			adaptive.parse(card);
			const element = adaptive.render();
			document.querySelector('#card').replaceChildren(element);
			return element.scrollHeight;
		}), [list, config]);
		high.push(...list.map(({ id, size }, i) => [`${bundle}/${id} ${size}: ${heights[i]} px`, heights[i] > room[size] || heights[i] < 40]).filter(([, wrong]) => wrong).map(([what]) => what));
	}
	assert.deepEqual(high, []);
	await close();
});

test('a card asks for at most one touch, and that opens the page', () => {
	for (const { template, data, name } of every()) {
		const card = expand(template, data, { widgetSize: 'large' });
		assert.deepEqual(blocks(card, 'Action.OpenUrl').map(({ url }) => url), [data.url], name);
		assert.equal(JSON.stringify(card).match(/"Action\./g).length, 1, name);
	}
});

test('long words of a document of no known kind do not drive the disclosure out of the card', { timeout: 60000 }, async () => {
	const { page, close } = await host('light', 'light');
	const { widget } = { widget: readFileSync(join(top, 'templates/shared/partials/widget.json'), 'utf8') };
	for (const [lang, words] of [['en', 'considerable thunderstorms '], ['ja', '雷雨の予報']]) {
		const body = JSON.parse(widget.replace(/\{\{#page\.wide\}\}(.*?)\{\{\/page\.wide\}\}\{\{\^page\.wide\}\}(.*?)\{\{\/page\.wide\}\}/g, lang === 'ja' ? '$1' : '$2'));
		const data = { ...cards['weather/en-us'].documents[0].data, title: words.repeat(40).slice(0, 200), summary: words.repeat(200).slice(0, 1000) };
		const template = structuredClone(cards['weather/en-us'].template);
		template.body[0] = body;
		const config = readJson(join(top, 'tests/data/adaptive-cards/widget-light.json'));
		for (const size of sizes) {
			const height = await page.evaluate(([card, config]) => {
				const adaptive = new AdaptiveCards.AdaptiveCard();
				adaptive.hostConfig = new AdaptiveCards.HostConfig(config);
				adaptive.parse(card);
				const element = adaptive.render();
				document.querySelector('#card').replaceChildren(element);
				return element.scrollHeight;
			}, [expand(template, data, { widgetSize: size }), config]);
			assert.ok(height <= room[size], `${lang} ${size}: ${height}`);
		}
	}
	await close();
});

test('pictures of cards are there, are PNG, and are named by their content', async () => {
	const urls = new Set();
	for (const { card, template, data } of every())
		for (const url of [...images(card), ...images(expand(template, data, { widgetSize: 'large' }))].map((image) => image.url))
			urls.add(url);
	assert.ok(urls.size > 10);
	for (const url of urls) {
		const answer = await site.get(new URL(url).pathname);
		assert.equal(answer.status, 200, url);
		assert.equal(answer.headers['content-type'], 'image/png', url);
		assert.match(answer.headers['cache-control'], /immutable/);
	}
});

test('markup and Markdown in data stay what they are: text', async () => {
	const { draw, close, wrong } = await host('light', 'light');
	const [{ template, data }] = [...every()];
	const title = '<img src=x onerror=alert(1)> [Claim](https://evil.example) **bold** ${title}';
	for (const size of sizes) {
		const seen = await draw(expand(template, { ...data, title, summary: title, facts: JSON.parse(JSON.stringify(data.facts), (key, value) => typeof value === 'string' && key === 'place' ? title : value) }, { widgetSize: size }));
		assert.deepEqual(seen.links, [], size);
		assert.doesNotMatch(seen.html, /onerror=alert\(1\)>|<strong>bold/);
	}
	assert.deepEqual(wrong, []);
	await close();
});
