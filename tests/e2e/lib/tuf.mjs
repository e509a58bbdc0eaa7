// A stock TUF client (tuf-js) as a consumer of a published site.
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Updater } from 'tuf-js';

// A client that keeps its state in `dir` between calls, as a device would. On first contact
// `root` (a file: the trusted root metadata that came with the device) is its only knowledge.
export function makeClient(dir, urlBase, root) {
	const metadata = join(dir, 'metadata'), targets = join(dir, 'targets');
	mkdirSync(metadata, { recursive: true });
	mkdirSync(targets, { recursive: true });
	if (!readdirSync(metadata).includes('root.json'))
		copyFileSync(root, join(metadata, 'root.json'));
	return { metadata, targets, urlBase: urlBase.replace(/\/$/, '') };
}

// An Updater refreshes once: every session is a new one over the same folder.
function session(client) {
	return new Updater({
		metadataDir: client.metadata,
		metadataBaseUrl: `${client.urlBase}/metadata`,
		targetDir: client.targets,
		targetBaseUrl: `${client.urlBase}/targets`,
		config: { fetchRetries: 0, fetchTimeout: 10000 },
	});
}

// Walk roots, timestamp, snapshot and targets; rejects with tuf-js's error if anything is wrong.
export async function refresh(client) {
	await session(client).refresh();
	return versions(client);
}

// Refresh, then fetch and verify one target ("weather/en-us/bundle.json"). Buffer, or null if
// no role lists it.
export async function download(client, path) {
	const updater = session(client);
	const info = await updater.getTargetInfo(path);
	if (info === undefined)
		return null;
	return readFileSync(await updater.downloadTarget(info));
}

// What the client trusts now: { root: 2, timestamp: 7, snapshot: 5, targets: 1, weather: 3 }.
export function versions(client) {
	const all = {};
	for (const file of readdirSync(client.metadata))
		all[file.replace(/\.json$/, '')] =
			JSON.parse(readFileSync(join(client.metadata, file), 'utf8')).signed.version;
	return all;
}
