// docs/tutorial.md, followed file by file and command by command.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { blocks, readPage } from './lib/docs.mjs';
import { freePort, get } from './lib/http.mjs';
import { build, start, tempFolder, until } from './lib/run.mjs';

const shown = blocks(readPage('docs/tutorial.md'));
const fileName = ({ before: line }) => /^`([^`]+)`:$/.exec(line)?.[1];
const files = shown.filter(fileName);
const commands = shown.filter((block) => block.language === 'sh');
let port, url, results, shell;

// One shell for the whole page; the reader waits for the origin before they go on.
function script() {
	const lines = [`exec 2>&1; export PATH=${build}:$PATH`];
	let sheet = 0;
	for (const block of shown) {
		const path = fileName(block);
		if (path)
			lines.push(`mkdir -p "$(dirname '${path}')" && cat >'${path}' <<'END OF FILE'\n${block.text}END OF FILE`);
		if (block.language !== 'sh')
			continue;
		const text = block.text.replaceAll('8080', port);
		lines.push(`echo "== begin ${sheet}"`, text, `code=$?; echo; echo "== end ${sheet++} $code"`);
		if (text.includes('edgepress init'))
			lines.push(`sed -i 's/:8080/:${port}/' edgepress.ini`);
		if (text.includes('edgepress serve'))
			lines.push(`for n in $(seq 200); do curl -fs -o /dev/null ${url}/-/readyz && break; sleep 0.05; done`);
	}
	return `${lines.join('\n')}\necho "== over"\nwait\n`;
}

before(async () => {
	port = String(await freePort());
	url = `http://127.0.0.1:${port}`;
	shell = start(['bash', '-c', script()], { cwd: tempFolder() });
	let ended = false;
	shell.ended.then(() => { ended = true; });
	await until('the end of the page', () => ended || shell.text('stdout').includes('== over'), 60000);
	results = [...shell.text('stdout').matchAll(/^== begin (\d+)\n([\s\S]*?)\n?^== end \1 (\d+)$/gm)]
		.map(([, , text, code]) => ({ text, code: Number(code) }));
});

test('the page has a schema, a policy, a template, messages and a document, and no code', () => {
	const names = files.map(fileName);
	for (const wanted of [/^schemas\/air\.xsd$/, /^schemas\/air\.ini$/, /^templates\/air\/partials\/.*\.html$/,
		/^templates\/air\/messages\/.*\.json$/, /^documents\/air\/.*\.xml$/])
		assert.ok(names.some((name) => wanted.test(name)), `${wanted} in ${names}`);
	assert.ok(names.every((name) => /\.(xsd|ini|html|json|xml)$/.test(name)));
});

test('every command of the page succeeds, but for the one that shows a refusal', () => {
	assert.equal(results.length, commands.length, shell.text('stdout'));
	commands.forEach((block, i) => {
		const next = shown[shown.indexOf(block) + 1];
		const expected = next?.language === 'text' && next.text.includes('refused: ') ? 3 : 0;
		assert.equal(results[i].code, expected, `${block.text}${results[i].text}`);
	});
});

test('every command of the page says what the page shows', () => {
	commands.forEach((block, i) => {
		const next = shown[shown.indexOf(block) + 1];
		if (next?.language !== 'text')
			return;
		const wanted = next.text.trimEnd().replaceAll('8080', port).split('\n');
		const lines = results[i].text.split('\n');
		for (const line of wanted) { // "…" stands for anything
			const parts = line.split('…').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
			const pattern = new RegExp(`^\\s*${parts.join('.*')}`);
			assert.ok(lines.some((one) => pattern.test(one)), `"${line}" in:\n${results[i].text}`);
		}
	});
});

test('the new vertical is served in every form that the shipped ones have', async () => {
	const page = await get(`${url}/air/en-us/oakland.html`);
	assert.equal(page.status, 200, page.text);
	assert.match(page.text, /Air quality · <bdi>Oakland/);
	assert.match(page.text, /<p class="figure">42</);
	assert.match(page.text, /<p class="condition">Good</);
	assert.match(page.text, /<dt>Fine particles<\/dt><dd>8\.1 µg\/m³</);
	assert.match(page.text, /AI/, 'it says that AI wrote it');
	for (const path of ['index.html', 'index.json', 'feed.atom', 'feed.json', 'sitemap.xml', 'card.template.json',
		'oakland.fragment.html', 'oakland.card.json', 'oakland.data.json']) {
		const { status, text } = await get(`${url}/air/en-us/${path}`);
		assert.equal(status, 200, path);
		assert.ok(path.startsWith('card') || /oakland/i.test(text), path);
	}
	const card = JSON.parse((await get(`${url}/air/en-us/card.template.json`)).text);
	assert.match(JSON.stringify(card), /\$\{facts\.index\}/);
	assert.equal((await get(`${url}/weather/en-us/seattle-july.html`)).status, 200, 'weather is still there');
	shell.kill('SIGTERM');
	await shell.ended;
});
