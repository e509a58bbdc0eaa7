// The preview: a row for every document and locale, drawn only while it is near the screen.
const $ = (id) => document.getElementById(id);
const fields = ['search', 'status', 'vertical', 'locale', 'surface', 'size', 'scheme'];
const widgets = { small: 146, medium: 304, large: 462 }; // heights of Windows widgets, 300 wide
const pages = { small: [360, 640, 0.6], medium: [768, 1024, 0.4], large: [1280, 960, 0.4] };
const fragments = { small: 300, medium: 480, large: 720 };
let site = { documents: [], bundles: [] };
const rows = new Map(); // name to { article, doc, stamp }

function element(tag, props = {}, ...children) {
	const made = Object.assign(document.createElement(tag), props);
	made.append(...children);
	return made;
}

// ---- what there is ----

const nameOf = (doc) => `${doc.vertical}/${doc.locale}/${doc.id}`;
const bundleOf = (doc) => site.bundles.find((b) => b.vertical === doc.vertical && b.locale === doc.locale);

function kindOf(surface) {
	if (surface.endsWith('.fragment.html'))
		return 'fragment';
	if (surface.endsWith('.html'))
		return 'page';
	return surface.endsWith('.card.json') ? 'card' : 'text';
}

// Bundles' own files stand in a row as those of a document do.
function everything() {
	const lists = site.bundles.map((bundle) => ({ ...bundle, id: '', title: 'Lists and feeds', where: '', accepted: !bundle.problem, findings: [], key: String(site.number), surfaces: bundle.lists ?? [] }));
	const documents = site.documents.map((doc) => ({ ...doc, surfaces: bundleOf(doc)?.surfaces ?? [] }));
	return [...lists, ...documents].sort((a, b) => a.vertical.localeCompare(b.vertical) || a.id.localeCompare(b.id) || a.locale.localeCompare(b.locale));
}

// ---- one row ----

// Browsers ask the system which scheme it has; the pages in here are told.
function paint(frame, scheme) {
	const inside = frame.contentDocument;
	if (!inside?.documentElement)
		return;
	inside.documentElement.style.colorScheme = scheme;
	const tell = (list) => {
		for (const rule of list) {
			if (rule.media && /prefers-color-scheme/.test(rule.media.mediaText))
				rule.media.mediaText = rule.media.mediaText.includes(scheme) ? 'all' : 'not all';
			if (rule.cssRules)
				tell(rule.cssRules);
		}
	};
	for (const sheet of inside.styleSheets)
		tell(sheet.cssRules);
}

function framed(title, src, scheme, width, height, scale, sandbox = 'allow-same-origin') {
	const frame = element('iframe', { title, src });
	if (sandbox !== null)
		frame.setAttribute('sandbox', sandbox); // no script of a page runs here
	frame.style.cssText = `width:${width}px;height:${height}px;transform:scale(${scale})`;
	const box = element('div', { className: `frame ${scheme}` }, frame);
	box.style.cssText = `width:${width * scale + 2}px;height:${height * scale + 2}px`;
	frame.addEventListener('load', () => paint(frame, scheme));
	return { box, frame };
}

function tile(caption, box) {
	return element('figure', {}, element('figcaption', { textContent: caption }), box);
}

function textTile(caption, path) {
	const pre = element('pre', { textContent: '…', dir: 'auto' });
	fetch(path).then(async (answer) => {
		const text = await answer.text();
		if (!answer.ok)
			pre.textContent = new DOMParser().parseFromString(text, 'text/html').body.innerText;
		else
			pre.textContent = path.includes('.json') ? JSON.stringify(JSON.parse(text), null, 2) : text;
	}).catch((error) => { pre.textContent = error.message; });
	return tile(caption, element('div', { className: 'frame text', tabIndex: 0 }, pre));
}

function sizedTile(doc, surface, kind, size, scheme) {
	const base = `/${doc.vertical}/${doc.locale}`, path = `${base}/${surface.replace('{id}', doc.id)}?k=${doc.key}`;
	const caption = `${kind} · ${size} · ${scheme}`;
	if (kind === 'page')
		return tile(caption, framed(`${caption} of ${doc.title}`, path, scheme, ...pages[size]).box);
	if (kind === 'fragment') {
		const { box, frame } = framed(`${caption} of ${doc.title}`, path, scheme, fragments[size], 220, 1);
		frame.addEventListener('load', () => {
			const height = Math.min(560, Math.max(60, frame.contentDocument?.documentElement.scrollHeight ?? 220));
			frame.style.height = box.style.height = `${height}px`;
		});
		return tile(caption, box);
	}
	const query = new URLSearchParams({ base, id: doc.id, size, scheme, site: site.url, k: doc.key });
	if (site.templating && bundleOf(doc)?.lists.includes('card.template.json'))
		query.set('template', '');
	return tile(caption, framed(`${caption} of ${doc.title}`, `/-/preview/card.html?${query}`, scheme, 300, widgets[size], 1, null).box);
}

function tiles(doc) {
	const made = [];
	const sizes = $('size').value === 'all' ? Object.keys(widgets) : [$('size').value];
	const schemes = $('scheme').value === 'both' ? ['light', 'dark'] : [$('scheme').value];
	const order = { page: 1, fragment: 2, card: 0, text: 3 };
	const wanted = doc.surfaces.map((surface) => ({ surface, kind: kindOf(surface) }))
		.filter(({ kind }) => $('surface').value === 'all' || kind === $('surface').value)
		.sort((a, b) => order[a.kind] - order[b.kind]);
	for (const { surface, kind } of wanted) {
		const path = `/${doc.vertical}/${doc.locale}/${surface.replace('{id}', doc.id)}?k=${doc.key}`;
		if (kind === 'text' || (kind === 'card' && !site.cards))
			made.push(textTile(kind === 'card' ? `${surface} (npm install adaptivecards draws it)` : surface.replace('{id}', doc.id), path));
		else
			for (const scheme of schemes)
				for (const size of sizes)
					made.push(sizedTile(doc, surface, kind, size, scheme));
	}
	return made;
}

function findingItem(finding) {
	const place = [finding.element, finding.line ? `line ${finding.line}` : ''].filter(Boolean).join(', ');
	return element('li', { className: finding.severity }, element('b', { textContent: `${finding.gate}${place ? ` · ${place}` : ''}` }),
		element('span', { textContent: finding.text, dir: 'auto' }), ' ', element('span', { className: 'remedy', textContent: finding.remedy }));
}

function whyNot(doc) {
	if (bundleOf(doc)?.problem)
		return 'The templates cannot be used: see above.';
	const twin = site.documents.some((other) => other.key && nameOf(other) === nameOf(doc));
	return twin ? 'Another document of this name is shown in its place.' : 'Nothing can be drawn: see the findings.';
}

function fill({ article, doc }) {
	const body = article.querySelector('.body');
	if (body.childElementCount)
		return;
	const drawn = element('div', { className: 'tiles', role: 'group', ariaLabel: 'surfaces' });
	if (doc.key)
		drawn.append(...tiles(doc));
	else
		drawn.append(element('p', { textContent: whyNot(doc) }));
	body.append(drawn);
	if (doc.findings.length)
		body.append(element('section', { className: 'findings', tabIndex: 0, ariaLabel: 'findings' },
			element('h3', { textContent: `${doc.findings.length} finding${doc.findings.length > 1 ? 's' : ''}` }), element('ul', {}, ...doc.findings.map(findingItem))));
}

const near = new IntersectionObserver((entries) => {
	for (const { target, isIntersecting } of entries) {
		const row = rows.get(target.dataset.name);
		if (isIntersecting && row)
			fill(row);
		else if (row) // far away: its frames go
			target.querySelector('.body').replaceChildren();
	}
}, { rootMargin: '200px' });

function badge(doc) {
	const warned = doc.findings.length > 0;
	return element('span', { className: `badge ${!doc.accepted ? 'bad' : warned ? 'warn' : 'good'}`, textContent: !doc.accepted ? 'refused' : warned ? 'warned' : 'passed' });
}

function rowOf(doc, name) {
	const page = doc.surfaces.find((surface) => surface === '{id}.html' || surface === 'index.html');
	const link = element('a', { className: 'open', href: `/${doc.vertical}/${doc.locale}/${(page ?? '').replace('{id}', doc.id)}`, target: '_blank', textContent: `${doc.vertical}/${doc.locale}/${doc.id}` });
	const article = element('article', { tabIndex: -1 }, element('header', {}, element('h2', { textContent: doc.title || doc.id || '(no title)', dir: 'auto' }), badge(doc), page && doc.key ? link : element('span', { textContent: nameOf(doc) }),
		element('span', { className: 'path', textContent: doc.where })), element('div', { className: doc.key ? 'body' : 'body bare' }));
	article.dataset.name = name;
	article.dataset.bundle = `${doc.vertical}/${doc.locale}`;
	near.observe(article);
	return { article, doc };
}

// ---- all rows ----

function problem(title, { text, excerpt }) {
	const box = element('div', { className: 'problem' }, element('h2', { textContent: title }), element('p', { textContent: text }));
	if (excerpt)
		box.append(element('pre', { textContent: excerpt }));
	return box;
}

function showProblems() {
	const seen = new Map();
	if (site.problem)
		seen.set(site.problem.text, problem('The site cannot be read', site.problem));
	for (const bundle of site.bundles)
		if (bundle.problem && !seen.has(bundle.problem.text))
			seen.set(bundle.problem.text, problem(`${bundle.vertical} cannot be drawn`, bundle.problem));
	$('problems').replaceChildren(...seen.values());
}

function passes(doc) {
	const status = $('status').value, search = $('search').value.trim().toLowerCase();
	if (($('vertical').value && doc.vertical !== $('vertical').value) || ($('locale').value && doc.locale !== $('locale').value))
		return false;
	if ((doc.id === '' && doc.where === '') !== (status === 'lists'))
		return false;
	if ((status === 'found' && !doc.findings.length) || (status === 'refused' && doc.accepted))
		return false;
	const words = `${nameOf(doc)} ${doc.title} ${doc.where} ${doc.findings.map((f) => `${f.gate} ${f.text}`).join(' ')}`.toLowerCase();
	return search.split(/\s+/).every((word) => words.includes(word));
}

// Rows whose document and files are as they were stay: their frames are not loaded again.
function show() {
	const view = ['surface', 'size', 'scheme'].map((field) => $(field).value).join();
	const shown = everything().filter(passes), names = new Set();
	for (const doc of shown) {
		let name = `${nameOf(doc)} ${doc.where}`;
		while (names.has(name))
			name += '+';
		names.add(name);
		const stamp = JSON.stringify([doc, view, site.cards, site.templating]);
		const row = rows.get(name);
		if (row?.stamp === stamp)
			continue;
		const made = { ...rowOf(doc, name), stamp };
		if (row)
			near.unobserve(row.article);
		row?.article.replaceWith(made.article);
		rows.set(name, made);
	}
	for (const [name, { article }] of rows)
		if (!names.has(name)) {
			near.unobserve(article);
			article.remove();
			rows.delete(name);
		}
	let at = $('rows').firstElementChild;
	for (const name of names) {
		const { article } = rows.get(name);
		if (article === at)
			at = at.nextElementSibling;
		else
			$('rows').insertBefore(article, at);
	}
	const refused = site.documents.filter((doc) => !doc.accepted).length;
	$('count').textContent = `${shown.length} shown; ${site.documents.length} documents, ${refused} refused`;
}

function options(field, values) {
	const was = $(field).value;
	const wanted = [...new Set(values)].sort();
	if (wanted.join() === [...$(field).options].slice(1).map((o) => o.value).join())
		return;
	$(field).replaceChildren($(field).options[0], ...wanted.map((value) => element('option', { value, textContent: value })));
	$(field).value = wanted.includes(was) ? was : '';
}

async function refresh() {
	site = await (await fetch('/-/preview/site.json')).json();
	$('site').textContent = document.title = site.site ? `Preview of ${site.site}` : 'Preview';
	options('vertical', site.documents.map((doc) => doc.vertical).filter(Boolean));
	options('locale', site.documents.map((doc) => doc.locale).filter(Boolean));
	restore();
	showProblems();
	show();
	document.body.dataset.number = site.number;
}

// ---- filters live in the address, so that a reload keeps them ----

function keep() {
	const kept = new URLSearchParams(fields.filter((field) => $(field).value).map((field) => [field, $(field).value]));
	history.replaceState(null, '', `#${kept}`);
	show();
}

let restored = false;
function restore() {
	if (restored)
		return;
	restored = true;
	for (const [field, value] of new URLSearchParams(location.hash.slice(1)))
		if (fields.includes(field))
			$(field).value = value;
	for (const field of fields)
		if ($(field).selectedIndex === -1)
			$(field).selectedIndex = 0;
}

let waiting = 0;
$('filters').addEventListener('input', () => {
	clearTimeout(waiting);
	waiting = setTimeout(keep, 120);
});
$('filters').addEventListener('submit', (event) => event.preventDefault());

function move(by) {
	const all = [...$('rows').children];
	const now = all.indexOf(document.activeElement?.closest('article'));
	const next = all[Math.min(all.length - 1, Math.max(0, now + by))];
	next?.focus();
	next?.scrollIntoView({ block: 'start' });
}

addEventListener('keydown', (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey)
		return;
	if (event.key === 'Escape')
		document.activeElement?.blur();
	if (/^(INPUT|SELECT)$/.test(document.activeElement?.tagName ?? ''))
		return;
	const keys = { '/': () => $('search').focus(), j: () => move(1), k: () => move(-1),
		o: () => document.activeElement?.closest('article')?.querySelector('.open')?.click(),
		d: () => { $('scheme').value = $('scheme').value === 'light' ? 'dark' : 'light'; keep(); } };
	if (keys[event.key]) {
		event.preventDefault();
		keys[event.key]();
	}
});

const source = new EventSource('/-/preview/events');
source.onmessage = () => {
	$('live').textContent = 'follows changes';
	refresh().catch((error) => { $('live').textContent = error.message; });
};
source.onerror = () => { $('live').textContent = 'the preview has ended; start it again'; };
