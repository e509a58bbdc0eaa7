// One Adaptive Card, drawn by the official renderer that the site has in node_modules.
const wanted = new URLSearchParams(location.search);
const base = wanted.get('base'), id = wanted.get('id'), size = wanted.get('size'), dark = wanted.get('scheme') === 'dark';

function load(name) {
	return new Promise((resolve, reject) => {
		const script = document.createElement('script');
		script.src = `/-/preview/library/${name}`;
		script.onload = resolve;
		script.onerror = () => reject(new Error(`${name} is not there`));
		document.head.append(script);
	});
}

async function json(path) {
	const answer = await fetch(path);
	const text = await answer.text();
	if (!answer.ok)
		throw new Error(new DOMParser().parseFromString(text, 'text/html').body.innerText.trim());
	return JSON.parse(text);
}

// What the host would show: the template over the data, or the card that is expanded already.
async function card() {
	if (!wanted.has('template'))
		return json(`${base}/${id}.card.json`);
	await load('expressions');
	await load('templating');
	const [template, data] = await Promise.all([json(`${base}/card.template.json`), json(`${base}/${id}.data.json`)]);
	return new ACData.Template(template).expand({ $root: data, $host: { widgetSize: size, hostTheme: dark ? 'dark' : 'light', isSignedIn: false } });
}

// Pictures of this very site are here, not where it will be published.
function local(value) {
	if (Array.isArray(value))
		return value.map(local);
	if (value && typeof value === 'object')
		return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, local(one)]));
	return typeof value === 'string' && value.startsWith(`${wanted.get('site')}/`) ? value.slice(wanted.get('site').length) : value;
}

const ink = dark ? { default: '#ffffff', subtle: '#c8c8c8' } : { default: '#1b1b1b', subtle: '#5c5c5c' };
const colours = { default: ink, accent: { default: dark ? '#7db4ff' : '#0b57b7', subtle: dark ? '#7db4ff' : '#0b57b7' },
	good: { default: dark ? '#7fd9a3' : '#1a6b3c', subtle: dark ? '#7fd9a3' : '#1a6b3c' },
	attention: { default: dark ? '#ff9b93' : '#b3261e', subtle: dark ? '#ff9b93' : '#b3261e' },
	warning: { default: dark ? '#f1c56b' : '#7a5200', subtle: dark ? '#f1c56b' : '#7a5200' } };
const style = (back) => ({ backgroundColor: back, foregroundColors: colours });

document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
document.body.style.cssText = `margin:0;font-family:"Segoe UI",system-ui,sans-serif;background:${dark ? '#2b2b2b' : '#fff'};color:${ink.default}`;
try {
	const [shown] = await Promise.all([card(), load('adaptivecards')]);
	const drawn = new AdaptiveCards.AdaptiveCard();
	drawn.hostConfig = new AdaptiveCards.HostConfig({ fontFamily: '"Segoe UI", system-ui, sans-serif',
		containerStyles: { default: style(dark ? '#2b2b2b' : '#ffffff'), emphasis: style(dark ? '#3a3a3a' : '#f0f0f0') } });
	drawn.parse(local(shown));
	document.body.append(drawn.render());
	document.body.dataset.state = 'drawn';
} catch (error) {
	const p = document.createElement('p');
	p.style.margin = '12px';
	p.textContent = error.message;
	document.body.append(p);
	document.body.dataset.state = 'failed';
}
