// In a page that fills a tab: load it again when the site has changed.
let shown = 0;
new EventSource('/-/preview/events').onmessage = ({ data }) => {
	if (shown && data !== shown)
		location.reload();
	shown = data;
};
