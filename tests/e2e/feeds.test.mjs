// Feeds as MSN, feed readers and search engines take them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { tab } from './lib/browser.mjs';
import { edit } from './lib/files.mjs';
import { jsonFeed11 } from './lib/schemas.mjs';
import { sampleSite } from './lib/site.mjs';

const bundles = ['weather', 'finance', 'sports'].flatMap((vertical) => ['en-us', 'de-de', 'fr-fr', 'ja-jp', 'ar-sa'].map((locale) => `${vertical}/${locale}`));
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const TERM = /^http:\/\/cv\.iptc\.org\/newscodes\/digitalsourcetype\/(trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia)$/;
let site, tabs;
before(async () => {
	site = await sampleSite();
	edit(site.path('edgepress.ini'), ['url = http://127.0.0.1:8080', `url = ${site.url}`]);
	await site.must('publish');
	await site.serve();
	tabs = await tab();
	// From a page of the same origin, whose policy lets no script run: on a blank one.
	await tabs.page.goto('about:blank');
});

const atom = (bundle) => site.page(`/${bundle}/feed.atom`).then((text) => tabs.page.evaluate(readAtom, text));

// In the page: an Atom feed by a real XML parser, as plain objects.
function readAtom(text) {
	const xml = new DOMParser().parseFromString(text, 'application/xml');
	if (xml.querySelector('parsererror'))
		return { error: xml.querySelector('parsererror').textContent };
	const ATOM = 'http://www.w3.org/2005/Atom';
	const children = (element, name, ns = ATOM) => [...element.children].filter((c) => c.localName === name && c.namespaceURI === ns);
	const text1 = (element, name, ns) => children(element, name, ns).map((c) => c.textContent);
	const common = (element) => ({
		id: text1(element, 'id'), title: text1(element, 'title'), updated: text1(element, 'updated'), published: text1(element, 'published'), rights: text1(element, 'rights'), summary: text1(element, 'summary'),
		authors: children(element, 'author').map((a) => text1(a, 'name')[0]), links: children(element, 'link').map((l) => ({ rel: l.getAttribute('rel'), href: l.getAttribute('href'), type: l.getAttribute('type') })),
	});
	const root = xml.documentElement;
	return { root: `${root.namespaceURI} ${root.localName}`, lang: root.getAttribute('xml:lang'), ...common(root), subtitle: text1(root, 'subtitle'),
		entries: children(root, 'entry').map((entry) => {
			const [content] = children(entry, 'content');
			const html = new DOMParser().parseFromString(content.textContent, 'text/html');
			return { ...common(entry), type: content.getAttribute('type'), inner: content.children.length, html: content.textContent, text: html.body.textContent,
				elements: [...new Set([...html.body.querySelectorAll('*')].map((e) => e.localName))], urls: [...html.body.querySelectorAll('[href],[src]')].map((e) => e.getAttribute('href') ?? e.getAttribute('src')),
				depth: Math.max(...[...html.body.querySelectorAll('*')].map((e) => { let n = 0; for (let up = e; up !== html.body; up = up.parentElement) n++; return n; })),
				source: [...entry.children].filter((c) => c.localName === 'DigitalSourceType').map((c) => c.textContent), categories: children(entry, 'category').map((c) => ({ term: c.getAttribute('term'), scheme: c.getAttribute('scheme') })),
				valid: [...entry.children].filter((c) => c.localName === 'valid').map((c) => c.textContent) };
		}) };
}

// What MSN lets through of an entry's HTML.
const allowed = new Set(['b', 'i', 'em', 'strong', 'sub', 'sup', 'small', 'h1', 'h2', 'h3', 'h4', 'h5', 'a', 'img', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'ul', 'ol', 'li', 'p', 'div', 'span', 'br', 'blockquote']);

for (const bundle of bundles)
	test(`the Atom feed of ${bundle} has all that RFC 4287 and MSN ask for`, async () => {
		const feed = await atom(bundle);
		assert.equal(feed.error, undefined);
		assert.equal(feed.root, 'http://www.w3.org/2005/Atom feed');
		assert.equal(feed.lang.toLowerCase(), bundle.split('/')[1]);
		for (const one of [feed, ...feed.entries]) {
			assert.equal(one.id.length, 1);
			assert.match(one.id[0], /^(https?|urn|tag):/);
			assert.equal(one.title.length, 1);
			assert.ok(one.title[0].trim());
			assert.equal(one.updated.length, 1);
			assert.match(one.updated[0], RFC3339);
			assert.ok(one.authors.length >= 1 && one.authors.every(Boolean));
		}
		assert.deepEqual(feed.links.filter(({ rel }) => rel === 'self').map(({ href }) => href), [`${site.url}/${bundle}/feed.atom`]);
		assert.ok(feed.entries.length >= 10 && feed.entries.length < 30, `${feed.entries.length} entries`);
		assert.equal(new Set(feed.entries.map(({ id }) => id[0])).size, feed.entries.length, 'ids are unique');
		const dates = feed.entries.map(({ updated }) => updated[0]);
		assert.deepEqual(dates, [...dates].sort().reverse(), 'newest first');
		assert.equal(feed.updated[0], dates[0], 'the feed is as new as its newest entry');
		for (const entry of feed.entries) {
			assert.ok(entry.title[0].length >= 10 && entry.title[0].length <= 150, entry.title[0]);
			assert.match(entry.published[0], RFC3339);
			assert.ok(entry.published[0] <= entry.updated[0]);
			assert.ok(Date.parse(entry.updated[0]) <= Date.now(), 'not from the future');
			const alternate = entry.links.filter(({ rel }) => (rel ?? 'alternate') === 'alternate');
			assert.equal(alternate.length, 1);
			const page = await site.get(new URL(alternate[0].href).pathname);
			assert.equal(page.status, 200, alternate[0].href);
			assert.equal(entry.type, 'html');
			assert.equal(entry.inner, 0, 'HTML is escaped once more');
			assert.ok(entry.text.trim().length > 40, entry.html);
			assert.doesNotMatch(entry.text, /<\/?[a-z]+|&(amp|lt|gt|#)/, 'and no more than once');
			assert.deepEqual(entry.elements.filter((name) => !allowed.has(name)), []);
			assert.ok(entry.depth < 10);
			for (const url of entry.urls)
				assert.match(url, /^https?:\/\//);
			assert.equal(entry.source.length, 1);
			assert.match(entry.source[0], TERM);
			assert.ok(entry.rights[0].length > 20, 'the notice for people');
			assert.match(entry.valid[0], /end=\d{4}-/);
			assert.ok(entry.links.some(({ rel, href }) => rel === 'via' && href.startsWith('https://')), 'sources');
		}
		const { body } = await site.get(`/${bundle}/feed.atom`);
		assert.ok(body.length < 10e6);
	});

// In the page: an RSS feed by a real XML parser; names carry their namespace's prefix of ours.
function readRss(text) {
	const xml = new DOMParser().parseFromString(text, 'application/xml');
	const error = xml.querySelector('parsererror')?.textContent;
	const prefix = { 'http://purl.org/rss/1.0/modules/content/': 'content:', 'http://purl.org/dc/elements/1.1/': 'dc:', 'http://purl.org/dc/terms/': 'dcterms:', 'http://search.yahoo.com/mrss/': 'media:',
		'http://schemas.ingestion.microsoft.com/common/': 'mi:', 'http://www.w3.org/2005/Atom': 'atom:', 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/': 'iptc:' };
	const read = (element) => {
		const members = {};
		for (const child of element.children)
			(members[(child.namespaceURI === null ? '' : prefix[child.namespaceURI] ?? '?') + child.localName] ??= []).push(child.children.length || child.attributes.length ? { text: child.textContent, ...Object.fromEntries([...child.attributes].map((a) => [a.name, a.value])) } : child.textContent);
		return members;
	};
	const [channel] = xml.getElementsByTagName('channel');
	const depth = (element) => 1 + Math.max(0, ...[...element.children].map(depth));
	return { error, version: xml.documentElement.getAttribute('version'), channels: xml.getElementsByTagName('channel').length, channel: read(channel), items: [...channel.children].filter((c) => c.localName === 'item').map((item) => {
		const members = read(item);
		const html = new DOMParser().parseFromString(members['content:encoded'][0], 'text/html');
		return { ...members, text: html.body.textContent, depth: depth(html.body), elements: [...new Set([...html.body.querySelectorAll('*')].map((e) => e.localName))], urls: [...html.body.querySelectorAll('[href],[src]')].map((e) => e.getAttribute('href') ?? e.getAttribute('src')) };
	}) };
}
const rss = (bundle, name) => site.page(`/${bundle}/${name}`).then((text) => tabs.page.evaluate(readRss, text));
const RFC822 = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;
const MSN = new Set('b i em strong sub sup small h1 h2 h3 h4 h5 a img table thead tbody tfoot tr td th col caption colgroup ul ol li p div span br blockquote'.split(' '));

test('RSS feeds are RSS 2.0: what must be there is there once, dates are RFC 822 and name the moments of the Atom feed', async () => {
	for (const bundle of bundles) {
		const feed = await rss(bundle, 'feed.rss');
		assert.equal(feed.error, undefined);
		assert.equal(feed.version, '2.0');
		assert.equal(feed.channels, 1);
		for (const name of ['title', 'link', 'description', 'language', 'lastBuildDate'])
			assert.equal(feed.channel[name]?.length, 1, `${bundle}: ${name}`);
		assert.equal(feed.channel.language[0].toLowerCase(), bundle.split('/')[1]);
		assert.deepEqual(feed.channel['atom:link'].map(({ rel, href }) => [rel, href]), [['self', `${site.url}/${bundle}/feed.rss`]]);
		const other = await atom(bundle);
		assert.deepEqual(feed.items.map(({ guid }) => guid[0].text), other.entries.map(({ id }) => id[0]));
		assert.deepEqual(feed.items.map(({ title }) => title[0]), other.entries.map(({ title }) => title[0]));
		assert.deepEqual(feed.items.map((item) => item['content:encoded'][0]), other.entries.map(({ html }) => html));
		for (const [i, item] of feed.items.entries()) {
			for (const name of ['title', 'link', 'description', 'guid', 'pubDate', 'dcterms:modified', 'dcterms:valid', 'dc:creator', 'content:encoded', 'iptc:DigitalSourceType'])
				assert.equal(item[name]?.length, 1, `${item.guid[0].text}: ${name}`);
			assert.ok(!Object.keys(item).some((name) => name.startsWith('?')), 'no unknown namespace');
			assert.equal(item.guid[0].isPermaLink, 'true');
			assert.equal(item.link[0], item.guid[0].text);
			assert.match(item.pubDate[0], RFC822);
			assert.equal(Date.parse(item.pubDate[0]), Date.parse(other.entries[i].updated[0]));
			assert.equal(item['dcterms:modified'][0], other.entries[i].updated[0]);
			assert.doesNotMatch(item.description[0], /<|&(amp|lt);/, 'MSN takes no markup there');
			assert.match(item['iptc:DigitalSourceType'][0], TERM);
			assert.ok(item['dc:rights'][0].length > 20);
		}
	}
});

test('the feed for MSN holds what a person reviewed and nothing else, with titles and markup as MSN takes them', async () => {
	let seen = 0;
	for (const bundle of bundles) {
		const { body } = await site.get(`/${bundle}/msn.rss`);
		assert.ok(body.length < 10e6);
		const feed = await rss(bundle, 'msn.rss');
		assert.equal(feed.error, undefined);
		assert.ok(feed.items.length < 30);
		const index = JSON.parse(await site.page(`/${bundle}/index.json`));
		assert.deepEqual(feed.items.map(({ guid }) => guid[0].text).sort(), index.documents.filter(({ ai }) => ai.reviewed).map(({ url }) => url).sort(), bundle);
		for (const item of feed.items) {
			seen++;
			assert.ok([...item.title[0]].length > 20 && [...item.title[0]].length <= 150, item.title[0]);
			if (item['mi:shortTitle'])
				assert.ok([...item['mi:shortTitle'][0]].length <= 54 && item.title[0].startsWith(item['mi:shortTitle'][0]));
			assert.deepEqual(item.elements.filter((name) => !MSN.has(name)), []);
			assert.ok(item.depth < 10);
			for (const url of item.urls)
				assert.match(url, /^https?:\/\//);
			const { status } = await site.get(new URL(item.link[0]).pathname);
			assert.equal(status, 200, 'no redirect, no error');
		}
	}
	assert.ok(seen > 10, `${seen} reviewed documents`);
});

test('JSON feeds are JSON Feed 1.1, say the same as the Atom feeds, and disclose', async () => {
	const validate = jsonFeed11();
	assert.notDeepEqual(validate({ version: 'https://jsonfeed.org/version/1.1', items: [{}] }), [], 'the schema is strict');
	for (const bundle of bundles) {
		const feed = JSON.parse(await site.page(`/${bundle}/feed.json`));
		assert.deepEqual(validate(feed), [], bundle);
		assert.equal(feed.version, 'https://jsonfeed.org/version/1.1');
		assert.equal(feed.feed_url, `${site.url}/${bundle}/feed.json`);
		assert.equal(feed.language.toLowerCase(), bundle.split('/')[1]);
		const other = await atom(bundle);
		assert.deepEqual(feed.items.map(({ id }) => id), other.entries.map(({ id }) => id[0]));
		assert.deepEqual(feed.items.map(({ title }) => title), other.entries.map(({ title }) => title[0]));
		assert.deepEqual(feed.items.map(({ content_html: html }) => html.replace(/\s+/g, ' ').trim()), other.entries.map(({ html }) => html.replace(/\s+/g, ' ').trim()));
		for (const item of feed.items) {
			assert.match(item.date_published, RFC3339);
			assert.match(item.date_modified, RFC3339);
			assert.match(item._ai.digital_source_type, TERM);
			assert.ok(item._ai.notice.length > 10);
			assert.ok(item.content_html.includes('<p>'));
		}
	}
});

test('sitemaps are well-formed, list every document with its languages, and each address answers', async () => {
	for (const bundle of bundles) {
		const text = await site.page(`/${bundle}/sitemap.xml`);
		const map = await tabs.page.evaluate((text) => {
			const xml = new DOMParser().parseFromString(text, 'application/xml');
			return { error: xml.querySelector('parsererror')?.textContent, root: xml.documentElement.namespaceURI, urls: [...xml.getElementsByTagNameNS('http://www.sitemaps.org/schemas/sitemap/0.9', 'url')].map((url) => ({
				loc: url.getElementsByTagName('loc')[0].textContent, lastmod: url.getElementsByTagName('lastmod')[0].textContent,
				alternates: [...url.getElementsByTagNameNS('http://www.w3.org/1999/xhtml', 'link')].map((l) => [l.getAttribute('hreflang'), l.getAttribute('href')]),
				source: url.getElementsByTagNameNS('http://iptc.org/std/Iptc4xmpExt/2008-02-29/', 'DigitalSourceType')[0]?.textContent })) };
		}, text);
		assert.equal(map.error, undefined);
		assert.equal(map.root, 'http://www.sitemaps.org/schemas/sitemap/0.9');
		const index = JSON.parse(await site.page(`/${bundle}/index.json`));
		assert.deepEqual(map.urls.map(({ loc }) => loc).sort(), index.documents.map(({ url }) => url).sort());
		for (const { loc, lastmod, alternates, source } of map.urls) {
			assert.match(lastmod, RFC3339);
			assert.match(source, TERM);
			assert.equal((await site.get(new URL(loc).pathname, { method: 'HEAD' })).status, 200, loc);
			assert.ok(alternates.some(([, href]) => href === loc), 'a page names itself, too');
			assert.deepEqual(alternates.filter(([lang]) => lang === 'x-default').map(([, href]) => href), [loc.replace(/\/[a-z]{2}-[a-z]{2}\//, '/en-us/')], loc);
			assert.equal(alternates.length, 6, loc);
		}
	}
});

test('index.json lists every document with addresses that answer, and what made it', async () => {
	for (const bundle of bundles) {
		const index = JSON.parse(await site.page(`/${bundle}/index.json`));
		assert.equal(`${index.vertical}/${index.locale}`, bundle);
		assert.equal(index.count, index.documents.length);
		assert.equal(new Set(index.documents.map(({ id }) => id)).size, index.count);
		assert.equal((await site.get(new URL(index.template).pathname)).status, 200);
		for (const doc of index.documents) {
			assert.match(doc.updated, RFC3339);
			assert.match(doc.expires, RFC3339);
			assert.match(doc.ai.digital_source_type, TERM);
			assert.match(doc.ai.grade, /^(generated|assisted)$/);
			for (const url of [doc.url, doc.fragment, doc.data, doc.card])
				assert.equal((await site.get(new URL(url).pathname, { method: 'HEAD' })).status, 200, url);
		}
	}
});

test('publishing again changes no byte of a feed, and asking again gives 304', async () => {
	const lists = bundles.flatMap((bundle) => ['feed.atom', 'feed.rss', 'msn.rss', 'feed.json'].map((name) => `${bundle}/${name}`));
	const was = await Promise.all(lists.map((path) => site.get(`/${path}`)));
	await site.must('publish');
	for (const [i, bundle] of lists.entries()) {
		const now = await site.get(`/${bundle}`, { headers: { 'if-none-match': was[i].headers.etag } });
		assert.equal(now.status, 304, bundle);
	}
});

test('a changed document changes its entry and no other; ids stay', async () => {
	const was = await atom('weather/en-us');
	const other = await site.get('/weather/de-de/feed.atom');
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Once more: Oakland forecast'], ['<updated>2024-03-26T08:28:04Z', '<updated>2024-03-26T09:00:00Z']);
	await site.must('publish');
	const now = await atom('weather/en-us');
	const byId = (feed) => Object.fromEntries(feed.entries.map((entry) => [entry.id[0], entry]));
	const before = byId(was), after = byId(now);
	assert.deepEqual(Object.keys(after).sort(), Object.keys(before).sort());
	const changed = Object.keys(after).filter((id) => JSON.stringify(after[id]) !== JSON.stringify(before[id]));
	assert.deepEqual(changed, [`${site.url}/weather/en-us/oakland.html`]);
	assert.equal(after[changed[0]].updated[0], '2024-03-26T09:00:00Z');
	assert.equal((await site.get('/weather/de-de/feed.atom')).headers.etag, other.headers.etag);
});

test('a document removed is gone from every list', async () => {
	await site.must('publish', 'local', 'documents/weather/en-us/guam.xml', 'documents/weather/en-us/oakland.xml', '--allow-large-change');
	for (const name of ['feed.atom', 'feed.rss', 'feed.json', 'index.json', 'index.html', 'sitemap.xml'])
		assert.doesNotMatch(await site.page(`/weather/en-us/${name}`), /flagstaff/, name);
	assert.equal((await atom('weather/en-us')).entries.length, 2);
	await tabs.close();
});
