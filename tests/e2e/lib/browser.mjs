// Real Chromium, headless, with the network of the test only.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { tempFolder } from './run.mjs';

// Set SCREENSHOTS to a folder to look at what the tests saw.
export const screenshots = process.env.SCREENSHOTS ?? tempFolder();
mkdirSync(screenshots, { recursive: true });

let browser = null;
export async function launch() {
	browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true,
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
	return browser;
}
after(async () => {
	await browser?.close();
});

// A tab of its own, and what went wrong in it: console messages, failed requests, errors.
export async function tab({ width = 1280, height = 900, scheme = 'light', locale = 'en-US', scripts = true } = {}) {
	const context = await (await launch()).newContext({ viewport: { width, height }, colorScheme: scheme, locale, javaScriptEnabled: scripts, timezoneId: 'UTC' });
	const page = await context.newPage();
	const wrong = [];
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type()))
			wrong.push(`console ${message.type()}: ${message.text()}`);
	});
	page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
	page.on('requestfailed', (rq) => {
		if (rq.failure()?.errorText !== 'net::ERR_ABORTED') // what going to the next page broke off
			wrong.push(`failed: ${rq.url()} ${rq.failure()?.errorText}`);
	});
	page.on('response', (rs) => {
		if (rs.status() >= 400)
			wrong.push(`${rs.status()}: ${rs.url()}`);
	});
	return { page, wrong, close: () => context.close(), shoot: (name) => page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true }) };
}

// In the page: texts whose contrast with what is behind them is below WCAG's 4.5 (3 for large).
// Paper has no backgrounds: browsers do not print them.
export function lowContrast({ paper = false } = {}) {
	const parse = (text) => {
		const [r, g, b, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
		return { r, g, b, a };
	};
	const over = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
	const light = ({ r, g, b }) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
		.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
	const canvas = matchMedia('(prefers-color-scheme: dark)').matches ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
	const found = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const element = node.parentElement;
		if (!node.data.trim() || ['SCRIPT', 'STYLE'].includes(element.tagName) || !element.checkVisibility())
			continue;
		const style = getComputedStyle(element);
		const box = element.getBoundingClientRect();
		if (box.width < 2 || box.height < 2 || box.bottom < 0) // for screen readers only
			continue;
		const layers = [];
		let picture = false;
		for (let up = element; up; up = up.parentElement) {
			const { backgroundColor, backgroundImage } = getComputedStyle(up);
			if (paper)
				continue;
			picture ||= backgroundImage !== 'none';
			if (parse(backgroundColor).a > 0)
				layers.push(parse(backgroundColor));
		}
		if (picture || !/^rgba?\(/.test(style.color))
			continue;
		const behind = layers.reverse().reduce((under, layer) => over(layer, under), canvas);
		const text = over(parse(style.color), behind);
		const [a, b] = [light(text), light(behind)].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		const size = parseFloat(style.fontSize);
		const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
		if (ratio < (large ? 3 : 4.5))
			found.push(`${ratio.toFixed(2)}: "${node.data.trim().slice(0, 40)}" (${style.color})`);
	}
	return found;
}
