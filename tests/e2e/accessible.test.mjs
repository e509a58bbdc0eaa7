// axe-core, the engine behind the accessibility checks of browsers' own tools, finds nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { tab } from './lib/browser.mjs';
import { top } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';

const axe = readFileSync(join(top, 'tests/node_modules/axe-core/axe.min.js'), 'utf8');
const locales = { 'en-us': 'en-US', 'de-de': 'de-DE', 'fr-fr': 'fr-FR', 'ja-jp': 'ja-JP', 'ar-sa': 'ar-SA' };
// One page for each shape that a template makes.
const pages = ['finance/index', 'weather/guam', 'finance/sp500-2020-03', 'sports/wc2022-final', 'sports/wc2018-group-a'];
let site;
before(async () => {
	site = await sampleSite();
	await site.must('publish');
	await site.serve();
});

// Rules that the colours and the width of a window decide about.
const visual = ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'];

// All rules unless they are named, best practices too; what axe could not decide counts as well.
async function look(page, only) {
	await page.evaluate(axe);
	return page.evaluate(async (only) => {
		const { violations, incomplete, passes } = await axe.run(document, { resultTypes: ['violations', 'incomplete'], ...only && { runOnly: only } });
		const tell = ({ id, nodes }) => nodes.map(({ html, any, failureSummary }) => `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? failureSummary}`);
		return { found: violations.flatMap(tell), unsure: incomplete.flatMap(tell), passes: passes.length };
	}, only);
}

for (const [locale, lang] of Object.entries(locales))
	test(`axe finds nothing on any kind of page in ${locale}, light and dark, wide and narrow`, { timeout: 120000 }, async () => {
		for (const [scheme, width] of [['light', 1280], ['dark', 360]]) {
			const { page, close } = await tab({ scheme, width, locale: lang });
			for (const name of pages) {
				const [vertical, id] = name.split('/');
				await page.goto(`${site.url}/${vertical}/${locale}/${id}.html`);
				const { found, unsure, passes } = await look(page, scheme === 'dark' && visual);
				assert.deepEqual(found, [], `${name} ${scheme}`);
				assert.deepEqual(unsure, [], `${name} ${scheme}`);
				assert.ok(passes > (scheme === 'dark' ? 0 : 20), `${passes} rules passed`);
			}
			await close();
		}
	});

test('axe would have found a page without a language, a picture without words, a faint text', async () => {
	const { page, close } = await tab();
	await page.setContent('<!doctype html><html><head><title>x</title></head><body><main><h1 style="color:#bbb">Faint</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main></body></html>');
	const { found } = await look(page);
	assert.deepEqual(found.map((text) => text.split(':')[0]).sort(), ['color-contrast', 'html-has-lang', 'image-alt']);
	await close();
});

test('a fragment in a page of somebody else brings axe nothing to find', async () => {
	const { page, close } = await tab();
	for (const [name, locale] of pages.slice(1).flatMap((name) => ['en-us', 'ja-jp', 'ar-sa'].map((locale) => [name, locale]))) {
		const [vertical, id] = name.split('/');
		const text = await site.page(`/${vertical}/${locale}/${id}.fragment.html`);
		await page.setContent(`<!doctype html><html lang="en"><head><title>Somebody</title></head><body><main><h1>Somebody</h1>${text}</main></body></html>`);
		assert.deepEqual((await look(page)).found, [], `${locale} ${name}`);
	}
	await close();
});
