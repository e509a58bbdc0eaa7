// A site that is published in a few milliseconds: one document, a page, a list, nothing to wait
// for. For tests that publish hundreds of times.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Site, sample } from './site.mjs';
import { tempFolder, top } from './run.mjs';

const surfaces = {
	'shared/document/{id}.html': '<!DOCTYPE html><html lang="en"><title>{{title}}</title><p>{{title}}, {{provenance.responsible}}</p></html>',
	'shared/bundle/index.json': '{"desks": [{{#documents}}"{{id}} {{provenance.responsible}}", {{/documents}}""]}',
};
const document = readFileSync(join(sample, 'documents/weather/en-us/oakland.xml'), 'utf8');

// The text of a document; `desk` is what a reader sees of it.
export const text = (id, desk) => document.replace('<id>oakland<', `<id>${id}<`)
	.replace(/<responsible>[^<]*</, `<responsible>${desk}<`);

// `store`: where it is published, with `env` for whoever enters there.
export async function smallSite({ uploads = 1, store = 'file:public', env = {}, more = '' } = {}) {
	const dir = join(tempFolder(), 'site'), share = join(dirname(dir), 'share');
	for (const [path, body] of Object.entries(surfaces)) {
		mkdirSync(dirname(join(share, 'templates', path)), { recursive: true });
		writeFileSync(join(share, 'templates', path), body);
	}
	for (const path of ['schemas', 'templates/messages'])
		cpSync(join(top, path), join(share, path), { recursive: true });
	cpSync(join(sample, 'schemas'), join(share, 'schemas'), { recursive: true });
	mkdirSync(join(dir, 'documents'), { recursive: true });
	writeFileSync(join(dir, 'edgepress.ini'), `[site]
name = Small
url = http://127.0.0.1:8080
publisher = Small
documents = documents

[target local]
store = ${store}
keys = keys/local
root = trust/local.root.json
uploads = ${uploads}
${more}`);
	const site = new Site(dir, 0);
	site.env = { EDGEPRESS_SHARE: share, ...env };
	await site.must('keys', 'init', 'local');
	return site;
}

// The documents of a site as they shall be published next: { id: desk }.
export function desks(site, all) {
	for (const [id, desk] of Object.entries(all))
		writeFileSync(site.path('documents', `${id}.xml`), text(id, desk));
}
