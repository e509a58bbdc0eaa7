// A service worker for the widgets of widgets.webmanifest (Microsoft Edge). Register it from a
// page of yours with the manifest, or take it into your own: importScripts('widgets.js').
const fetched = async (url) => {
	const answer = await fetch(url, { cache: 'no-cache' });
	if (!answer.ok)
		throw new Error(`${url}: ${answer.status}`);
	return answer.text();
};

const show = async ({ definition: { tag, msAcTemplate, data } }) =>
	self.widgets.updateByTag(tag, { template: await fetched(msAcTemplate), data: await fetched(data) });

const showAll = async () => Promise.all((await self.widgets.matchAll({ installed: true })).map(show));

self.addEventListener('widgetinstall', (event) => event.waitUntil((async () => {
	await show(event.widget);
	const { tag, update } = event.widget.definition;
	if (!(await self.registration.periodicSync?.getTags() ?? [tag]).includes(tag))
		await self.registration.periodicSync.register(tag, { minInterval: update * 1000 });
})()));
self.addEventListener('widgetresume', (event) => event.waitUntil(show(event.widget)));
self.addEventListener('widgetuninstall', (event) => event.waitUntil((async () => {
	const { widget: { instances, definition: { tag } } } = event;
	if (instances.length <= 1)
		await self.registration.periodicSync?.unregister(tag);
})()));
self.addEventListener('periodicsync', (event) => event.waitUntil((async () => {
	const widget = await self.widgets?.getByTag(event.tag);
	if (widget)
		await show(widget);
})()));
self.addEventListener('activate', (event) => event.waitUntil(self.widgets ? showAll() : undefined));
