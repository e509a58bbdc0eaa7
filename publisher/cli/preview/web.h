/*
 * web: the little server of `edgepress preview`: for the person at this machine, not for a
 * network. GET and HEAD only; it writes nothing, runs nothing and knows no key. Requests for
 * other hosts than its own are refused, so that no web site can read drafts through a name
 * that it points here (DNS rebinding); so are those that other sites' pages send.
 *
 *   /                                the preview, made of templates/preview/
 *   /<vertical>/<locale>/<path>      what the site would serve
 *   /-/preview/site.json             scene_index
 *   /-/preview/events                text/event-stream: the number of the scene, when it changes
 *   /-/preview/library/<name>        scene_library
 *   /-/preview/<file>                files of templates/preview/
 */
#ifndef PUBLISHER_CLI_PREVIEW_WEB_H
#define PUBLISHER_CLI_PREVIEW_WEB_H

#include "publisher/cli/preview/scene.h"

struct web;

/* `shown` is the address and port that it listens at, as in "127.0.0.1:8081". Takes the socket
 * and the scene. */
bool web_start(struct arena *, int socket, struct str shown, struct scene *, struct web **out,
    struct err *);
/* Show this from now on, and tell those who look. Takes the scene. */
void web_show(struct web *, struct scene *);
void web_stop(struct web *);

#endif
