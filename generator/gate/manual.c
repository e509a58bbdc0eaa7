#include "generator/gate/manual.h"

#include <assert.h>

static const struct gate_manual manual[] = {
	{ "schema", "Templates and cards rely on every member being there and being of its kind; a "
	    "document that is not well-formed may mean something else to the next reader.",
	    "\"high\": 12.4", "\"high\": \"twelve\"" },
	{ "unicode", "Invisible and direction-changing characters let a text show one thing and say "
	    "another; uncomposed text is not found by search and breaks in feeds.",
	    "Zo\u00eb (composed)", "pa\u0443pal with a Cyrillic letter, or a zero-width space within a word" },
	{ "freshness", "Yesterday's forecast does more harm than none; a time in the future means that "
	    "a clock is wrong, or that a document would never be replaced.",
	    "updated 20 minutes ago, expires tonight", "expires before it is published" },
	{ "sources", "A reader, and whoever looks into a complaint, must find where a fact is from; an "
	    "address that is not on the list may be one that the model made up.",
	    "https://api.weather.gov/points/47.6,-122.3, read 5 minutes before the text was written",
	    "http://127.0.0.1/data, or a source that was read after the text was written" },
	{ "disclosure", "Readers are told what a machine wrote and who answers for it (EU AI Act, "
	    "Article 50; MSN asks for it too). A review that nobody signed is none.",
	    "grade assisted, reviewer A. Moreau, reviewed 2026-11-20T18:10:00Z",
	    "grade assisted without a reviewer" },
	{ "disclaimer", "Texts about money must say that they are no advice; some data may only be "
	    "shown beside the words of its owner.",
	    "This text is for information only and is not investment advice.", "-------------------" },
	{ "length", "Cards cut off what is too long, and feeds refuse what is too short.",
	    "Rain in Seattle tonight, low of 7 \u00b0C", "Rain" },
	{ "markup", "Screen readers go by headings and by what pictures are said to show; MSN refuses "
	    "what is nested ten deep.",
	    "an h2, then an h3; alt \"Umbrellas on a wet street\"", "<p></p>; alt \"IMG_2034.jpg\"" },
	{ "links", "A link that looks like one host and leads to another is how phishing works; plain "
	    "http can be changed on its way.",
	    "https://www.weather.gov/seattle", "https://weather.gov@evil.example/, https://0x7f.1/" },
	{ "reachable", "A model may make up an address that looks right; a dead link is the first thing that "
	    "readers complain about. Off unless the policy asks for it: it needs a network.",
	    "a page that answers 200", "a page that answers 404, or that sends on to an address inside "
	    "your own network" },
	{ "locale", "Readers of one language get nothing from a text in another, which is what a model "
	    "that forgot its instructions writes.",
	    "fr-fr: Pluie attendue ce soir \u00e0 Lyon", "fr-fr: Rain is expected this evening in Lyon" },
	{ "grounding", "A wrong number reads as well as a right one. What the facts do not hold, the "
	    "model has made up or got wrong.",
	    "\"low\": 7 and 'falls to 7 \u00b0C'", "\"low\": 7 and 'falls to 17 \u00b0C', 'falls to 7 \u00b0F'" },
	{ "quotes", "Words in quotation marks are somebody's own words. A model that changes them, or makes "
	    "them up, puts words into a person's mouth.",
	    "an excerpt that holds what is quoted", "quoted words that no source's excerpt holds" },
	{ "copied", "Long passages of a source are its author's property, and readers can have them there.",
	    "the same said in other words, or quoted", "25 words in a row of the source's own" },
	{ "forbidden", "Some promises must not be made at all, whatever the facts say.",
	    "The index rose 2 %.", "a guaranteed return" },
	{ "review", "On elections, health and the like, a mistake does harm that no correction mends; a "
	    "person has to have read the text as it is.",
	    "grade assisted, with reviewer, reviewed after the last change",
	    "grade generated, and a text about a referendum" },
	{ "personal-data", "What is published cannot be taken back, and a secret in it is used within minutes.",
	    "The police ask for witnesses.", "call +1 206 555 0100; a key that begins with AKIA" },
	{ "model-leftovers", "Nothing costs more trust than \"As an AI language model\" in a headline; an "
	    "instruction in the text may come from a page that wanted to steer the model.",
	    "Rain is expected this evening.", "Sure! Here is the summary: ...; {{city}}; TODO" },
	{ "judge", "A second model may see what rules cannot: a text that is true in each number and wrong as "
	    "a whole. Off unless the policy asks for it: it needs a network, and costs.",
	    "a score of 90 where the policy asks for 70", "a score of 40" },
	{ "duplicates", "Two documents with one id would be one page; the same text twice makes a feed look "
	    "broken, and search engines drop both.",
	    "a text about this town's weather", "the same text under another id" },
};

const struct gate_manual *
gate_manual(const struct gate *g)
{
	for (size_t i = 0; i < LEN(manual); i++)
		if (strcmp(manual[i].gate, g->name) == 0)
			return &manual[i];
	assert(!"a gate without a manual"); /* a test asks for one for each */
	return &manual[0];
}
