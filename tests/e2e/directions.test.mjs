// Pages from right to left, and pages in the pseudo-locales, in a real browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { tab } from './lib/browser.mjs';
import { serveFolder } from './lib/http.mjs';
import { tempFolder } from './lib/run.mjs';

const top = fileURLToPath(new URL('../..', import.meta.url));
const edgepress = (...args) => execFileSync(join(top, 'build/edgepress'), args, { encoding: 'utf8' });

const hebrew = {
	title: 'תחזית לפלגסטף: עד 0.6 מעלות מתחת לאפס',
	summary: 'הטמפרטורה הגבוהה בפלגסטף צפויה להיות 0.6 מעלות מתחת לאפס והנמוכה 2.8 מעלות מתחת לאפס; הסיכוי למשקעים 80%.',
	prose: '<p>אחר הצהריים: מעונן, והטמפרטורה הגבוהה 0.6 מעלות מתחת לאפס.</p><p>הלילה: שלג קל, והטמפרטורה הנמוכה 2.8 מעלות מתחת לאפס.</p>',
	place: { name: 'פלגסטף', region: 'אריזונה' },
	names: ['אחר הצהריים', 'הלילה', 'יום שלישי', 'ליל שלישי'],
};

// The Arabic sample, and the same in Hebrew, whose rendering is what is looked at here.
function makeSite() {
	const site = tempFolder();
	const arabic = join(top, 'tests/site/documents/weather/ar-sa/flagstaff.json');
	cpSync(join(top, 'tests/site/edgepress.ini'), join(site, 'edgepress.ini'));
	cpSync(join(top, 'tests/site/schemas'), join(site, 'schemas'), { recursive: true });
	for (const locale of ['ar-sa', 'he-il', 'en-us'])
		mkdirSync(join(site, 'documents/weather', locale), { recursive: true });
	cpSync(arabic, join(site, 'documents/weather/ar-sa/flagstaff.json'));
	cpSync(join(top, 'tests/site/documents/weather/en-us/flagstaff.json'), join(site, 'documents/weather/en-us/flagstaff.json'));
	const document = JSON.parse(readFileSync(arabic));
	const { place, names, ...texts } = hebrew;
	Object.assign(document, texts, { locale: 'he-il' });
	Object.assign(document.facts.place, place);
	document.facts.periods.forEach((p, i) => { p.name = names[i]; });
	writeFileSync(join(site, 'documents/weather/he-il/flagstaff.json'), JSON.stringify(document));
	return site;
}

const site = makeSite(), out = tempFolder();
edgepress('render', '--site', site, '--out', out);
for (const pseudo of ['en-xa', 'ar-xb'])
	edgepress('render', '--site', site, '--out', out, '--pseudo', pseudo);

// Where a text first stands on the page.
function extent(text) {
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const at = n.data.indexOf(text);
		if (at < 0)
			continue;
		const range = document.createRange();
		range.setStart(n, at);
		range.setEnd(n, at + text.length);
		const { left, right, top } = range.getClientRects()[0];
		return { left, right, top };
	}
	return null;
}

for (const [locale, language, notice] of [['ar-sa', 'ar-SA', 'الاصطناعي ('], ['he-il', 'he-IL', 'מלאכותית (']])
	for (const [width, height] of [[360, 740], [1280, 900]])
		test(`a page in ${locale} reads from the right, ${width} pixels wide`, async () => {
			const server = await serveFolder(out);
			const { page, wrong, close, shoot } = await tab({ width, height, locale: language });
			try {
				await page.goto(`${server.url}/weather/${locale}/flagstaff.html`);
				assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the window');
				const heading = await page.evaluate(() => {
					const range = document.createRange();
					range.selectNodeContents(document.querySelector('h1'));
					const text = range.getClientRects()[0], box = document.querySelector('h1').getBoundingClientRect();
					return { text: text.right, box: box.right };
				});
				assert.ok(Math.abs(heading.text - heading.box) < 2, 'the headline begins at the right');
				// The sentence about the model: opening bracket, name, closing bracket and stop.
				const before = await page.evaluate(extent, notice), name = await page.evaluate(extent, 'example-model-2026-10');
				const stop = await page.evaluate(extent, '\u2069).');
				const follows = (a, b) => (Math.abs(a.top - b.top) < 5 ? b.right <= a.left + 2 : b.top > a.top);
				assert.ok(follows(before, name), `the name is to the left of its opening bracket: ${JSON.stringify({ before, name })}`);
				assert.ok(follows(name, stop), `and the closing one to the left of the name: ${JSON.stringify({ name, stop })}`);
				assert.deepEqual(wrong, []);
				await shoot(`${locale}-${width}`);
				await page.goto(`${server.url}/weather/${locale}/index.html`);
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the window');
				await shoot(`${locale}-index-${width}`);
			} finally {
				await close();
				await server.close();
			}
		});

for (const [locale, word] of [['en-xa', /\[Ŵŕîîţţééñ ƀý ÅÅÎÎ\]/], ['ar-xb', /\u202EWritten\u202C/]])
	test(`a page in the pseudo-locale ${locale} stays inside a narrow window`, async () => {
		const server = await serveFolder(out);
		const { page, wrong, close, shoot } = await tab({ width: 320, height: 640 });
		try {
			await page.goto(`${server.url}/weather/${locale}/flagstaff.html`);
			assert.match(await page.content(), word);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the window');
			assert.deepEqual(wrong, []);
			await shoot(locale);
		} finally {
			await close();
			await server.close();
		}
	});

test('a document that claims to be in a pseudo-locale is refused', () => {
	const document = JSON.parse(readFileSync(join(site, 'documents/weather/en-us/flagstaff.json')));
	for (const locale of ['en-xa', 'ar-xb']) {
		const file = join(tempFolder(), 'document.json');
		writeFileSync(file, JSON.stringify({ ...document, locale }));
		assert.throws(() => execFileSync(join(top, 'build/edgepress'), ['check', '--site', site, file], { encoding: 'utf8', stdio: 'pipe' }),
			(e) => e.status === 3 && e.stderr.includes(`'${locale}' is a locale for testing layouts`));
	}
});
