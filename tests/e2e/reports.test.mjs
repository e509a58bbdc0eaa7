// What gates found, as pipelines read it; and gates that explain themselves.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { readJson } from './lib/files.mjs';
import { edgepress, run, tempFolder } from './lib/run.mjs';
import { sample, sampleSite, weather } from './lib/site.mjs';
import { readXml } from './lib/xml.mjs';

const wrong = join(sample, 'wrong');
const expected = readJson(join(wrong, 'expected.json'));
let site, gates;
before(async () => {
	site = await sampleSite({ documents: weather });
	cpSync(wrong, site.path('wrong'), { recursive: true });
	gates = (await site.json('explain')).gates;
});

const sarif = async (...args) => {
	const { code, stdout, stderr } = await site.run('check', '--format', 'sarif', ...args);
	assert.equal(code, 3, stderr);
	return JSON.parse(stdout);
};

// What SARIF 2.1.0 asks of the members that are used, and no member that it does not have.
function assertSarif(log) {
	const only = (object, required, optional = []) => {
		for (const name of required)
			assert.ok(name in object, `${name} is missing in ${JSON.stringify(object).slice(0, 200)}`);
		for (const name of Object.keys(object))
			assert.ok([...required, ...optional].includes(name), `${name} is no member here`);
	};
	const message = (value) => {
		only(value, ['text'], ['markdown']);
		assert.ok(typeof value.text === 'string' && value.text.length > 0);
	};
	only(log, ['version', 'runs'], ['$schema']);
	assert.equal(log.version, '2.1.0');
	assert.match(log.$schema, /^https:\/\/docs\.oasis-open\.org\/sarif\/sarif\/v2\.1\.0\/.*sarif-schema-2\.1\.0\.json$/);
	const [one] = log.runs;
	only(one, ['tool', 'results'], ['invocations', 'columnKind', 'properties']);
	only(one.tool.driver, ['name', 'version', 'rules']);
	assert.ok(['utf16CodeUnits', 'unicodeCodePoints'].includes(one.columnKind));
	const ids = one.tool.driver.rules.map((rule) => {
		only(rule, ['id', 'shortDescription', 'defaultConfiguration'], ['fullDescription', 'help']);
		message(rule.shortDescription);
		assert.ok(['none', 'note', 'warning', 'error'].includes(rule.defaultConfiguration.level));
		if (rule.help)
			message(rule.help);
		return rule.id;
	});
	assert.equal(new Set(ids).size, ids.length);
	for (const result of one.results) {
		only(result, ['ruleId', 'ruleIndex', 'level', 'message', 'locations', 'partialFingerprints'], ['properties']);
		assert.equal(ids[result.ruleIndex], result.ruleId);
		assert.ok(['warning', 'error'].includes(result.level));
		message(result.message);
		for (const { physicalLocation, logicalLocations, ...rest } of result.locations) {
			assert.deepEqual(rest, {});
			only(physicalLocation, ['artifactLocation', 'region']);
			assert.ok(Number.isInteger(physicalLocation.region.startLine) && physicalLocation.region.startLine > 0);
			assert.doesNotThrow(() => new URL(physicalLocation.artifactLocation.uri, 'file:///site/'));
			assert.match(physicalLocation.artifactLocation.uri, /^[\w./~:%-]+$/);
			for (const logical of logicalLocations)
				only(logical, ['fullyQualifiedName', 'kind']);
		}
		for (const print of Object.values(result.partialFingerprints))
			assert.equal(typeof print, 'string');
	}
	for (const invocation of one.invocations)
		only(invocation, ['executionSuccessful'], ['toolExecutionNotifications']);
	return one;
}

test('SARIF has a result for each wrong document, with its gate, file, line, element and remedy', async () => {
	const files = Object.keys(expected).filter((file) => expected[file] !== 'duplicates');
	const { results, tool } = assertSarif(await sarif(...files.map((file) => `wrong/${file}`)));
	for (const gate of gates)
		assert.ok(tool.driver.rules.some((rule) => rule.id === gate.gate && rule.help.text.includes(gate.remedy)));
	for (const file of files) {
		const found = results.filter(({ level, locations: [at] }) => level === 'error'
			&& at.physicalLocation.artifactLocation.uri.endsWith(`wrong/${file}`));
		assert.ok(found.length > 0, file);
		assert.deepEqual([...new Set(found.map((one) => one.ruleId))], [expected[file]], file);
	}
	const promise = results.find(({ locations: [at] }) =>
		at.physicalLocation.artifactLocation.uri.endsWith('forbidden-promise.json'));
	assert.equal(promise.properties.element, 'prose/p[3]');
	assert.ok(promise.properties.remedy.length > 10);
	assert.equal(promise.locations[0].logicalLocations[0].fullyQualifiedName, 'finance/en-us/sp500-2020-03#prose/p[3]');
});

test('the fingerprint of a finding stays when its line moves', async () => {
	const prints = async (path) => (await sarif(path)).runs[0].results.map((one) => one.partialFingerprints);
	const text = readFileSync(join(wrong, 'forbidden-promise.json'), 'utf8');
	const was = await prints('wrong/forbidden-promise.json');
	writeFileSync(site.path('wrong/forbidden-promise.json'), `\n\n\n${text}`);
	assert.deepEqual(await prints('wrong/forbidden-promise.json'), was);
	writeFileSync(site.path('wrong/forbidden-promise.json'), text);
});

test('a file whose name needs escapes is named by a valid reference', async () => {
	cpSync(join(wrong, 'forbidden-promise.json'), site.path('wrong/a b#1 é%.json'));
	const one = assertSarif(await sarif('wrong/a b#1 é%.json'));
	assert.equal(decodeURIComponent(one.results[0].locations[0].physicalLocation.artifactLocation.uri), 'wrong/a b#1 é%.json');
});

test('JUnit has a suite for each bundle, a case for each document and a failure for each refused one', async () => {
	const { code, stdout } = await site.run('check', '--format', 'junit', 'documents', 'wrong/forbidden-promise.json',
		'wrong/quotes-not-said.json', 'wrong/schema-entity-bomb.xml');
	assert.equal(code, 3);
	const suites = readXml(stdout);
	const total = (name) => suites.children.reduce((sum, suite) => sum + Number(suite.attributes[name]), 0);
	assert.equal(suites.name, 'testsuites');
	assert.equal(Number(suites.attributes.failures), 3);
	assert.equal(total('failures'), 3);
	assert.equal(total('tests'), Number(suites.attributes.tests));
	const cases = suites.children.flatMap((suite) => suite.children);
	assert.equal(cases.length, Number(suites.attributes.tests));
	const failed = cases.filter((one) => one.children.some((child) => child.name === 'failure'));
	assert.deepEqual(failed.map((one) => one.attributes.file).sort(),
		['wrong/forbidden-promise.json', 'wrong/quotes-not-said.json', 'wrong/schema-entity-bomb.xml']);
	const failure = failed.find((one) => one.attributes.file.includes('quotes')).children[0];
	assert.equal(failure.attributes.type, 'quotes');
	assert.match(failure.text, /wrong\/quotes-not-said\.json:\d+: quotes: prose\/p\[3\]: .*stands in none/);
	assert.match(failure.text, /S&P 500|Quote exactly/);
});

test('--report writes the same into a file beside the text, for check and for publish', async () => {
	const path = site.path('gates.sarif');
	const { code, stdout } = await site.run('check', 'wrong/forbidden-promise.json', '--report', path);
	assert.equal(code, 3);
	assert.match(stdout, /1 refused/);
	assert.deepEqual(assertSarif(readJson(path)).results.filter((one) => one.level === 'error').map((one) => one.ruleId),
		['forbidden']);
	const published = await site.run('publish', 'local', 'documents', 'wrong/model-leftovers-assistant.json',
		'--report', site.path('gates.xml'), '--allow-large-change');
	assert.equal(published.code, 0, published.stderr);
	assert.match(readFileSync(site.path('gates.xml'), 'utf8'), /<failure type="model-leftovers"/);
	const other = await site.run('check', '--report', 'gates.docx');
	assert.equal(other.code, 2);
	assert.match(other.stderr, /\.sarif or \.xml/);
});

test('many findings are counted, not all shown, in every format', async () => {
	const one = JSON.stringify(readJson(join(wrong, 'forbidden-promise.json')));
	const many = Array.from({ length: 1500 }, (_, i) => one.replace('"sp500-2020-03"', `"x${i}"`)).join('\n');
	const check = (...args) => site.run('check', '-', '--no-cache', ...args, { input: `${many}\n` });
	const text = await check();
	assert.equal(text.code, 3);
	const shown = text.stderr.split('\n').filter((line) => /: (refused|warning): /.test(line)).length;
	assert.equal(shown, 1000);
	const more = Number(/^\.\.\. and (\d+) more findings/m.exec(text.stderr)[1]);
	assert.ok(more >= 500);
	const results = JSON.parse((await check('--format', 'sarif', '--limit', '7')).stdout).runs[0];
	assert.equal(results.results.length, 7);
	assert.match(results.invocations[0].toolExecutionNotifications[0].message.text,
		new RegExp(`^${shown + more - 7} more findings`));
	const junit = readXml((await check('--format', 'junit', '--limit', '7')).stdout);
	assert.equal(junit.attributes.failures, '1500');
	assert.equal(junit.children[0].children.filter((child) => child.name === 'testcase').length, 7);
	const json = JSON.parse((await check('--json', '--limit', '7')).stdout);
	assert.equal(json.documents.length, 7);
	assert.equal(json.omitted, 1493);
});

test('each gate explains itself: why, right, wrong, remedy, and how it is set for each vertical', async () => {
	assert.ok(gates.length >= 16);
	for (const { gate, why, right, wrong: bad, remedy, in_force: force } of gates) {
		assert.ok([why, right, bad, remedy].every((text) => text.length > 3), gate);
		assert.deepEqual(Object.keys(force).sort(), ['finance', 'sports', 'weather']);
		const { code, stdout } = await site.run('explain', gate);
		assert.equal(code, 0);
		for (const text of [why, right, bad, remedy])
			assert.ok(stdout.includes(text), `${gate}: ${text}`);
		assert.equal((await site.must('check', '--explain', gate)).stdout, stdout);
	}
});

test('explain shows what a section for a locale changes, and where a mistake in it stands', async () => {
	const other = await sampleSite({ documents: weather });
	const policy = readFileSync(other.path('schemas/weather.ini'), 'utf8');
	writeFileSync(other.path('schemas/weather.ini'), `${policy}\n[length fr]\ntitle_max = 77\n[gates fr]\nquotes = warn\n`);
	const force = async (gate, ...args) => (await other.json('explain', gate, '--vertical', 'weather', ...args)).in_force.weather;
	assert.equal((await force('length')).settings['[length] title_max'], '150');
	assert.deepEqual((await force('length')).locales_with_sections, ['fr']);
	assert.equal((await force('length', '--locale', 'fr-ca')).settings['[length] title_max'], '77');
	assert.equal((await force('quotes', '--locale', 'fr-ca')).severity, 'warn');
	assert.equal((await force('quotes', '--locale', 'de-de')).severity, 'reject');
	writeFileSync(other.path('schemas/weather.ini'), `${policy}\n[length fr]\ntitle_mx = 77\n`);
	const { code, stderr } = await other.run('check');
	assert.notEqual(code, 0);
	assert.match(stderr, /schemas\/weather\.ini:\d+: \[length fr\] title_mx: unknown key/);
});

test('outside of a site explain tells the defaults, and an unknown gate is wrong use', async () => {
	const here = tempFolder();
	const { code, stdout } = await run([edgepress, 'explain', 'grounding'], { cwd: here });
	assert.equal(code, 0);
	assert.match(stdout, /by default: reject/);
	const unknown = await run([edgepress, 'explain', 'gravity'], { cwd: here });
	assert.equal(unknown.code, 2);
	assert.match(unknown.stderr, /no gate 'gravity'/);
});

test('the verdict of a live document is told from what is signed: policy, gates, warnings, maker', async () => {
	await site.must('publish', 'local', 'documents', '--merge');
	const [id] = (await site.json('check', 'documents')).documents.map((one) => one.document);
	const name = id ?? `weather/en-us/${site.bundle('weather/en-us').manifest.documents[0].id}`;
	const told = await site.json('explain', name, 'local');
	const [vertical, locale, short] = name.split('/');
	const { manifest } = site.bundle(`${vertical}/${locale}`);
	const entry = manifest.documents.find((one) => one.id === short);
	assert.deepEqual(told.provenance, entry.provenance);
	assert.equal(told.provenance.gates.verdict, 'passed');
	assert.equal(told.provenance.gates.policy, manifest.inputs.policy);
	for (const gate of gates)
		assert.equal(manifest.inputs.gates.includes(`${gate.gate}=reject`), gate.default === 'reject', gate.gate);
	const { stdout } = await site.must('explain', name, 'local');
	assert.match(stdout, new RegExp(`${told.provenance.gates.policy}[^]*${told.provenance.made.responsible} answers for it`));
	const absent = await site.run('explain', 'weather/en-us/atlantis', 'local');
	assert.equal(absent.code, 1);
	assert.match(absent.stderr, /atlantis is not live/);
});
