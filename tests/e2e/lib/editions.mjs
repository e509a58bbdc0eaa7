// A document whose title tells its edition, to be changed again and again. Editions are words,
// since a gate compares numbers with the facts.
import { edit } from './files.mjs';

export const word = (n) => `q${n.toString(26).padStart(2, '0').replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 26)))}`;

export class Editions {
	constructor(site, document = 'documents/weather/en-us/oakland.xml', title = 'Oakland forecast') {
		this.path = site.path(document);
		this.n = 0;
		edit(this.path, [`<title>${title}`, `<title>${title}, edition ${word(0)}`]);
	}

	get text() {
		return `edition ${word(this.n)}`;
	}

	next() {
		edit(this.path, [this.text, `edition ${word(this.n + 1)}`]);
		this.n++;
		return this.text;
	}

	// Which edition a page is of.
	static of(text) {
		const [, found] = /edition q([a-z]+)/.exec(text) ?? [];
		return found ? [...found].reduce((n, c) => n * 26 + c.charCodeAt(0) - 97, 0) : undefined;
	}
}
