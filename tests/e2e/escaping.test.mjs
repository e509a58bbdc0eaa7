// Nothing that a value holds changes the structure of the output, as Chromium's own parsers and
// JSON.parse see it; and nothing in it runs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tab } from './lib/browser.mjs';
import { build, run, top } from './lib/run.mjs';

// In every place where a value may stand.
const html = ['<p>{{x}}</p>', '<p title="{{x}}">a</p>', "<p title='{{x}}'>a</p>", '<p data-x="a {{x}} b" lang="en">a</p>', '<textarea>{{x}}</textarea>',
	'<pre>{{x}}</pre>', '<ul><li>{{x}}<li>{{x}}</ul>', '<table><tr><td>{{x}}</td></tr></table>', '<select><option value="{{x}}">{{x}}</option></select>',
	'<svg><title>{{x}}</title><text x="1">{{x}}</text></svg>', '<math><mi>{{x}}</mi></math>', '<template><b>{{x}}</b></template>', '<noscript><b>{{x}}</b></noscript>',
	'<script type="application/ld+json">{"a":"{{x}}","b":[{{x | json}}]}</script>', '<a href="/p/{{x | url}}?q={{x}}#{{x}}">a</a>', '<a href="mailto:{{x}}">a</a>',
	'<img alt="{{x}}" src="/a.png">', '<button value="{{x}}">{{x}}</button>', '{{#x}}<p title="{{.}}">{{.}}</p>{{/x}}'];
const links = ['<a href="{{x}}">a</a>', "<a href='{{x}}{{x}}'>a</a>", '<a href="/{{x}}">a</a>', '<a href="x{{x}}">a</a>', '<img src="{{x}}" alt="a">', '<form action="{{x}}"></form>', '<svg><a xlink:href="{{x}}">a</a></svg>'];
const xml = ['<r>{{x}}</r>', '<r a="{{x}}">a</r>', "<r a='{{x}}' b='{{x}}'>{{x}}<e/>{{x}}</r>", '<r><!-- c -->{{x}}<![CDATA[d]]>{{x}}</r>', '<r xmlns:k="urn:k"><k:e k:a="{{x}}">{{x}}</k:e></r>'];
const json = ['{"a":"{{x}}"}', '{"a-{{x}}":1}', '["[{{x}}]",{"b":"{{x}}{{x}}"}]', '[{{x | json}}]', '{"a":{"b":{{x | json}},"c":"{{x | url}}"}}'];

// Where none may: these do not compile.
const refused = ['<p {{x}}>a</p>', '<{{x}}>a', '<p a{{x}}="b">', '</{{x}}>', '<p title={{x}}>', '<p title=a{{x}}>', '<p onclick="{{x}}">', '<p ONLOAD="a{{x}}">', '<p style="color:{{x}}">', '<style>{{x}}</style>',
	'<script>{{x}}</script>', '<script>"{{x}}"</script>', '<script type="module">{{x}}</script>', '<script type="{{x}}">a</script>', '<script src="{{x}}"></script>', '<!-- {{x}} -->', '<!--{{x}}', '<!doctype {{x}}>', '<img srcset="{{x}} 2x">',
	'<iframe srcdoc="{{x}}"></iframe>', '<iframe src="{{x}}"></iframe>', '<object data="{{x}}"></object>', '<embed src="{{x}}">', '<base href="{{x}}">', '<meta http-equiv="refresh" content="0;url={{x}}">', '<meta content="{{x}}" http-equiv=refresh>',
	'<a href="javascript:{{x}}">', '<a href=" JaVaScRiPt:{{x}}">', '<a href="java&#115;cript:{{x}}">', '<a href="java\tscript:{{x}}">', '<a href="data:text/html,{{x}}">', '<a href="https://{{x}}/">', '<a href="//{{x}}/">', '<a href="&#x2f;&#x2f;{{x}}">',
	'<svg><animate to="javascript:{{x}}"/></svg>', '<svg><script>{{x}}</script></svg>', '<xmp>{{x}}</xmp>', '<plaintext>{{x}}', '<noembed>{{x}}</noembed>', '<p>&{{x}}</p>', '<a href="/?a&{{x}}">', '<title></{{x}}</title>', '<p>{{{x}}}</p>'];
const refusedXml = ['<r {{x}}/>', '<{{x}}/>', '<r><!-- {{x}} --></r>', '<r><![CDATA[{{x}}]]></r>', '<?pi {{x}}?><r/>', '<!DOCTYPE {{x}}><r/>', '<r xmlns="{{x}}"/>', '<r xmlns:a="{{x}}"/>', '<script>{{x}}</script>', '<svg onload="{{x}}"/>', '<style>{{x}}</style>', '<r a={{x}}/>'];

const payloads = ['<script>hit()</script>', '"><script>hit()</script>', "'><script>hit()</script>", '</title><script>hit()</script>', '</textarea><img src=x onerror=hit()>', '</script><script>hit()</script>', '<!--<script>hit()//', '--><script>hit()</script>',
	']]><script>hit()</script>', '"><img src=x onerror=hit()>', "' onmouseover='hit()' x='", '" autofocus onfocus="hit()', '`onclick=hit()', '<svg onload=hit()>', '<svg><animate onbegin=hit() attributeName=x dur=1s>', '</noscript><img src=x onerror=hit()>', '</template><script>hit()</script>',
	'<iframe srcdoc="<script>parent.hit()</script>">', '<math><mtext></mtext><script>hit()</script></math>', 'javascript:hit()', ' javascript:hit()', 'java\tscript:hit()', 'java\nscript:hit()', '\u0001javascript:hit()', 'JAVASCRIPT:hit()', 'javascript&colon;hit()', '&#106;avascript:hit()',
	'data:text/html,<script>parent.hit()</script>', 'vbscript:hit()', '//evil.example/x', '/\\evil.example', '\\\\evil.example', 'https:evil.example', '"}</script><script>hit()</script>', '\\"};hit()//', '\u2028hit()\u2029', '</svg><script>hit()</script>', '<a href=javascript:hit()>x</a>', '&lt;script&gt;hit()&lt;/script&gt;', '{{constructor}}', '${hit()}'];
const bytes = [Buffer.from('ff', 'hex'), Buffer.from('c0bc', 'hex'), Buffer.from('eda080', 'hex'), Buffer.from('edb080', 'hex'), Buffer.from('f4908080', 'hex'), Buffer.from('e280', 'hex'), Buffer.from('00', 'hex'), Buffer.from('3c00736372697074003e', 'hex'), Buffer.from('efbfbeefbfbf', 'hex'),
	Buffer.from('0b0c1b7f', 'hex'), '\u202e\u2066<b>\u2069', '\u0085\u00a0\ufeff', 'e\u0301<', '<'.repeat(70000), '"\''.repeat(40000), '&amp'.repeat(20000), ']]>'.repeat(20000), '\r\n\r', '\t', '&', '&#', '&#0;', '&#x110000;', '&notin;', '&ampx', 'a&b=c', '=', '`', '\\', '\\u003c', '%00', '%3Cscript%3E', '..', '../', '0', '-1', '1e999', 'true', 'null', '[]', '{}'];
const html5lib = ['test1', 'test2', 'test4', 'escapeFlag', 'contentModelFlags'].flatMap((name) => JSON.parse(readFileSync(join(top, `tests/data/html5lib/${name}.json`), 'utf8')).tests.map(({ input }) => input));
const values = [...payloads, ...bytes, ...html5lib].map((value) => Buffer.from(value)).filter((value) => value.length);

// { what, text } for each [type, template, value].
async function render(jobs) {
	const hex = (bytes) => Buffer.from(bytes).toString('hex');
	const input = jobs.map(([type, template, value]) => `${type} ${hex(template)} ${hex(value)}\n`).join('');
	const { code, stdout, stderr } = await run([join(build, 'e2e/template_tool')], { input });
	assert.equal(code, 0, stderr);
	const answers = stdout.trimEnd().split('\n').map((line) => line.split(' ')).map(([what, text]) => ({ what, bytes: Buffer.from(text, 'hex'), text: Buffer.from(text, 'hex').toString() }));
	assert.equal(answers.length, jobs.length);
	return answers;
}

// In the page: what a document is made of, without the texts that values may change.
function structures({ texts, type }) {
	const shape = (node) => {
		if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE)
			return '';
		if (node.nodeType !== Node.ELEMENT_NODE)
			return `(${node.nodeName} ${node.data ?? ''})`;
		const inside = node.content ? [...node.content.childNodes] : [...node.childNodes];
		return `<${node.nodeName}${[...node.attributes].map((a) => ` ${a.name}`).join('')}>${inside.map(shape).join('')}</>`;
	};
	return texts.map((text) => {
		const doc = new DOMParser().parseFromString(text, type);
		return [...doc.childNodes].map(shape).join('');
	});
}

// What a value looks like once the format has taken out what it cannot carry.
const isPlain = (value) => !/[\u0000-\u001f\u007f-\u009f\ufffd-\uffff\ufeff]/.test(value.toString()) && Buffer.from(value.toString()).equals(value);

async function sameStructure(type, mime, templates, page) {
	for (const template of templates) {
		const [harmless, ...answers] = await render([[type, template, 'x'], ...values.map((value) => [type, template, value])]);
		const done = answers.map((answer, i) => ({ ...answer, value: values[i] })).filter(({ what }) => what === 'done');
		for (const { what, text } of answers)
			assert.notEqual(what, 'compile', text);
		if (!links.includes(template) && !/href/.test(template))
			assert.equal(done.length, values.length, `${template}: ${answers.find(({ what }) => what === 'render')?.text}`);
		const [want, ...got] = await page.evaluate(structures, { texts: [harmless, ...done].map(({ text }) => text), type: mime });
		got.forEach((one, i) => assert.equal(one, want, `${template} with ${JSON.stringify(done[i].value.toString().slice(0, 80))}`));
		for (const { bytes } of done)
			assert.doesNotThrow(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes), template);
	}
}

test('in HTML, no value adds, ends or changes an element, attribute or comment', async () => {
	const { page, close } = await tab();
	await sameStructure('html', 'text/html', [...html, ...links], page);
	await close();
});

test('in XML, every value leaves it well-formed and of the same structure', async () => {
	const { page, close } = await tab();
	await sameStructure('xml', 'application/xml', xml, page);
	await close();
});

test('a text comes out of attributes, elements and JSON as it went in', async () => {
	const plain = values.filter(isPlain);
	const { page, close } = await tab();
	for (const [type, mime, template] of [['html', 'text/html', '<p title="{{x}}" class=\'{{x}}\'>{{x}}</p>'], ['xml', 'application/xml', '<p title="{{x}}" class=\'{{x}}\'>{{x}}</p>']]) {
		const answers = await render(plain.map((value) => [type, template, value]));
		const got = await page.evaluate(({ texts, mime }) => texts.map((text) => {
			const p = new DOMParser().parseFromString(text, mime).querySelector('p');
			return [p.title ?? p.getAttribute('title'), p.getAttribute('title'), p.getAttribute('class'), p.textContent].slice(1);
		}), { texts: answers.map(({ text }) => text), mime });
		got.forEach((one, i) => assert.deepEqual(one, Array(3).fill(plain[i].toString())));
	}
	const answers = await render(plain.map((value) => ['json', '["{{x}}",{{x | json}}]', value]));
	answers.forEach(({ text }, i) => assert.equal(JSON.parse(text)[0], plain[i].toString()));
	answers.forEach(({ text }, i) => assert.equal(String(JSON.parse(text)[1]), plain[i].toString()));
	await close();
});

test('in JSON, every value is one string or value, and no name more', async () => {
	const names = (value) => Array.isArray(value) ? value.map(names) : value && typeof value === 'object' ? Object.values(value).map(names) : typeof value;
	for (const template of json) {
		const answers = await render(values.map((value) => ['json', template, value]));
		for (const { what, text } of answers) {
			assert.equal(what, 'done', text);
			const shape = JSON.stringify(names(JSON.parse(text)));
			assert.match(shape, { 0: /^\["string"\]$/, 1: /^\["number"\]$/, 2: /^\["string",\["string"\]\]$/, 3: /^\["(string|number|boolean|object)"\]$/, 4: /^\[\["(string|number|boolean|object)","string"\]\]$/ }[json.indexOf(template)], text.slice(0, 200));
			assert.doesNotMatch(text, /[<>\u2028\u2029]/);
		}
	}
});

test('links of values lead to https, http, mailto or stay on the site, as the browser resolves them', async () => {
	const { page, close } = await tab();
	const all = (await render(links.flatMap((template) => values.map((value) => ['html', template, value])))).filter(({ what }) => what === 'done');
	const urls = await page.evaluate((texts) => texts.flatMap((text) => {
		const doc = new DOMParser().parseFromString(`<base href="https://site.example/a/b">${text}`, 'text/html');
		return [...doc.querySelectorAll('[href],[src],[action]')].filter((e) => e.localName !== 'base').map((e) => e.getAttribute('href') ?? e.getAttribute('xlink:href') ?? e.getAttribute('src') ?? e.getAttribute('action'));
	}), all.map(({ text }) => text));
	assert.ok(urls.length > 500);
	for (const url of urls) {
		const { protocol, host } = new URL(url, 'https://site.example/a/b');
		assert.ok(['https:', 'http:', 'mailto:'].includes(protocol), url);
		assert.ok(host === 'site.example' || host === '' || /^\s*https?:\/\//i.test(url), url);
	}
	await close();
});

test('where no escaping would be safe, a value does not compile, with what to do instead', async () => {
	const answers = await render([...refused.map((template) => ['html', template, 'x']), ...refusedXml.map((template) => ['xml', template, 'x']), ...['{"a":"\\{{x}}"}', '{"a":"\\u{{x}}"}'].map((template) => ['json', template, 'x'])]);
	const taken = answers.map(({ what, text }, i) => ({ what, text, template: [...refused, ...refusedXml][i] })).filter(({ what }) => what !== 'compile');
	assert.deepEqual(taken, []);
	for (const { text } of answers)
		assert.match(text, /^t:\d+:\d+: .*; /, text);
});

test('in a real page with all places at once, no payload runs, opens a dialog or goes elsewhere', async () => {
	const { page, close } = await tab();
	const ran = [];
	await page.exposeFunction('hit', () => ran.push(page.url()));
	page.on('dialog', (dialog) => { ran.push(dialog.message()); dialog.dismiss(); });
	const template = `<!doctype html><html><head><title>{{x}}</title></head><body>${html.filter((one) => !/href/.test(one)).join('\n')}</body></html>`;
	const pages = await render(payloads.map((value) => ['html', template, value]));
	let shown = '';
	await page.route('https://site.example/**', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: new URL(route.request().url()).pathname === '/' ? shown : '' }));
	for (const { what, text } of pages) {
		assert.equal(what, 'done', text);
		shown = text;
		await page.goto('https://site.example/');
		const scripts = await page.evaluate(() => {
			for (const element of document.querySelectorAll('body *'))
				for (const type of ['mouseover', 'focus', 'click'])
					if (!(element instanceof HTMLButtonElement))
						element.dispatchEvent(new Event(type, { bubbles: true }));
			return [...document.scripts].map((script) => script.type);
		});
		assert.deepEqual(scripts, ['application/ld+json']);
		assert.equal(page.url(), 'https://site.example/');
	}
	assert.deepEqual(ran, []);
	// The test would see one.
	shown = '<script>hit()</script>';
	await page.goto('https://site.example/');
	await page.waitForTimeout(50);
	assert.equal(ran.length, 1);
	await close();
});
