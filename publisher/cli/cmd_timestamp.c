/* timestamp: renew signed metadata before it expires; for a timer. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "publisher/cli/expiry.h"
#include "publisher/cli/output.h"
#include "publisher/cli/place.h"

static enum exit_code
run(struct cli *cli)
{
	struct config config;
	const struct target_config *target;
	struct site *site;
	struct published done = { 0 };
	struct err err = { 0 };

	if (!place_config(cli, &config, &err) || !place_target(cli, &config, &target, &err)
	    || !site_open(cli->arena, target, &site, &err)
	    || !publish_renew(cli->arena, site, !cli_flag(cli, "if-due"), &done, &err))
		return cli_fail(&err);
	const struct live *live = site_live(site);
	struct str until = time_rfc3339(cli->arena, live->trusted->timestamp.meta.expires);

	expiry_warn(cli->arena, live->trusted, clock_now());
	if (cli->json) {
		json_t *o = json_new_object(cli->arena);

		json_object_set_new(o, "renewed", json_boolean(done.changed));
		json_object_set_new(o, "version", json_integer(done.version));
		json_object_set_new(o, "expires", json_str(until));
		expiry_json(cli->arena, live->trusted, clock_now(), o);
		output_json(o);
	} else
		printf("%s; good until %.*s\n", done.changed ? "renewed" : "not due yet",
		    STR_ARG(until));
	return EXIT_DONE;
}

const struct cli_command cmd_timestamp = {
	.name = "timestamp",
	.args = "[TARGET]",
	.summary = "renew signed metadata before it expires (for a timer)",
	.help = "Sign timestamp.json anew, and whatever else is near its expiry. Clients refuse\n"
		"metadata that has expired, so run this from a timer at least once a day, or\n"
		"publish that often: a publish renews too.",
	.example = "  edgepress timestamp local --if-due",
	.option = {
		{ "if-due", NULL, "do nothing while more than half of its life is left" },
	},
	.run = run,
};
