// What a disk may hold after the power has failed, worked out from a journal of system calls
// (tests/tools/crash.c). It promises as little as POSIX does:
//   - what was written to a file is there for sure after fsync of the file; before, all of it,
//     a part, zeros or nothing;
//   - a name that was made, moved or removed is so for sure after fsync of its folder; before,
//     it may or may not be, each by itself and in any order. Within one folder a rename is one
//     step; from one folder to another its two halves are two.
import { createHash } from 'node:crypto';

const folderOf = (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');
const kept = ['nothing', 'zeros', 'half', 'all'];

export class Disk {
	// files: { path: bytes }, folders: [path]; all of them safely there. matters(path): whether
	// both fates of a name are to be looked at; one that does not is taken to be kept.
	constructor(files, folders, matters = () => true) {
		this.matters = matters;
		this.now = new Map(folders.map((path) => [path, 'folder']));
		for (const [path, bytes] of Object.entries(files))
			this.now.set(path, { data: bytes, safe: bytes });
		this.safe = new Map(this.now);
		this.waiting = []; // [{ folder, names: [[path, file or null]] }], oldest first
	}

	set(...names) {
		for (const [path, file] of names)
			if (file)
				this.now.set(path, file);
			else
				this.now.delete(path);
		for (const folder of new Set(names.map(([path]) => folderOf(path)))) {
			const here = names.filter(([path]) => folderOf(path) === folder);
			if (here.some(([path]) => this.matters(path)))
				this.waiting.push({ folder, names: here });
			else
				here.forEach(([path, file]) => this.safe.set(path, file));
		}
	}

	// Carry out one call of the journal.
	call({ call, path, to, at, data }) {
		const file = this.now.get(path), bytes = Buffer.from(data ?? '', 'hex');
		if (call === 'create')
			this.set([path, { data: Buffer.alloc(0), safe: Buffer.alloc(0) }]);
		else if (call === 'mkdir')
			this.set([path, 'folder']);
		else if (call === 'write')
			file.data = Buffer.concat([file.data, bytes]);
		else if (call === 'pwrite')
			file.data = Buffer.concat([file.data.subarray(0, at), Buffer.alloc(Math.max(0, at - file.data.length)), bytes, file.data.subarray(at + bytes.length)]);
		else if (call === 'truncate')
			file.data = Buffer.alloc(0);
		else if (call === 'rename')
			this.set([path, null], [to, file]);
		else if (call === 'link')
			this.set([to, file]);
		else if (call === 'unlink')
			this.set([path, null]);
		else if (call === 'sync' && file && file !== 'folder')
			file.safe = file.data;
		else if (call === 'sync') {
			for (const { names } of this.waiting.filter(({ folder }) => folder === path))
				for (const [name, one] of names)
					this.safe.set(name, one);
			this.waiting = this.waiting.filter(({ folder }) => folder !== path);
		}
	}

	// Subsets of what is waiting: all of them if they are few, else the extremes and some more,
	// the same ones every time.
	* #subsets() {
		const n = this.waiting.length;
		if (n <= 6) {
			for (let bits = 0; bits < 2 ** n; bits++)
				yield (i) => (bits >> i) & 1;
			return;
		}
		yield () => false;
		yield () => true;
		for (let k = 0; k < n; k++) {
			yield (i) => i === k;
			yield (i) => i !== k;
		}
		for (let k = 0; k < 16; k++)
			yield (i) => createHash('sha256').update(`${k} ${i}`).digest()[0] & 1;
	}

	// Every tree that may be found: { name: what was kept, files: Map of path to bytes }.
	* after() {
		for (const is of this.#subsets()) {
			const names = new Map(this.safe);
			this.waiting.forEach(({ names: some }, i) => is(i) && some.forEach(([path, file]) => names.set(path, file)));
			for (const what of kept) {
				const files = new Map();
				let unsafe = false;
				for (const [path, file] of names)
					if (file && file !== 'folder' && this.#reachable(names, path)) {
						unsafe ||= file.data !== file.safe;
						files.set(path, content(file, what));
					}
				yield { name: `${what} of what was not synced is kept, of ${this.waiting.length} names ${this.waiting.map((_, i) => (is(i) ? 1 : 0)).join('')}`, files };
				if (!unsafe)
					break; // the others are the same
			}
		}
	}

	#reachable(names, path) {
		for (let folder = folderOf(path); folder; folder = folderOf(folder))
			if (names.get(folder) !== 'folder')
				return false;
		return true;
	}
}

function content({ data, safe }, what) {
	if (data === safe || what === 'all')
		return data;
	if (what === 'nothing')
		return safe;
	return what === 'zeros' ? Buffer.concat([safe, Buffer.alloc(Math.max(0, data.length - safe.length))])
		: data.subarray(0, Math.max(safe.length, data.length >> 1));
}
