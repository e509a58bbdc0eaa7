# Varnish 7.1 (with the xkey and var vmods of varnish-modules) as an edge in front of edgepress-origin.
#
#   varnishd -a :6081 -f varnish.vcl -p vcl_path=/path/to/deploy/edge -s malloc,1G
#
# origin.vcl, found through vcl_path, says where the origin is and who may purge.
#   PURGE / with "xkey-purge: key key ..."   forgets all objects with any of these keys
#   PURGE /path                              forgets one path
# How long an object is kept is what the origin says in CDN-Cache-Control; docs/origin.md.
vcl 4.1;

import std;
import var;
import xkey;

include "origin.vcl";

sub vcl_recv {
	if (req.method == "PURGE") {
		call purge_allowed;
		# First, so that no fetch under way slips through: see vcl_backend_response.
		var.global_set("purge", "" + req.xid);
		if (req.http.xkey-purge) {
			# Hard: what is named is gone, grace included.
			set req.http.X-Purged = xkey.purge(req.http.xkey-purge);
			return (synth(200, "Purged " + req.http.X-Purged));
		}
		return (purge);
	}
	if (req.method != "GET" && req.method != "HEAD" && req.method != "OPTIONS") {
		return (synth(405, "Method Not Allowed"));
	}
	# Health, metrics and the webhook are not for the public.
	if (req.url ~ "^/-/") {
		return (synth(404, "Not Found"));
	}
	# An answer of the origin depends on the path and on Accept-Encoding, nothing else. What
	# else a request carries would only make copies of it, or a way to poison it.
	set req.url = regsub(req.url, "\?.*$", "");
	unset req.http.Cookie;
	unset req.http.Authorization;
	unset req.http.Proxy;
	if (req.http.Accept-Encoding ~ "(?i)(^|,)\s*(x-)?gzip\s*(;\s*q=(0\.[0-9]*[1-9][0-9]*|1(\.0*)?))?\s*(,|$)") {
		set req.http.Accept-Encoding = "gzip";
	} else {
		unset req.http.Accept-Encoding;
	}
	if (req.method == "OPTIONS") {
		return (pass);
	}
	# A well origin refreshes behind the scenes; a sick one is covered for as long as the
	# object allows (stale-if-error), and so is one that has just answered 5xx.
	if (req.restarts == 0 && std.healthy(req.backend_hint)) {
		set req.grace = 300s;
	}
	return (hash);
}

# Not by Host: there is one site behind this edge.
sub vcl_hash {
	hash_data(req.url);
	return (lookup);
}

sub vcl_backend_fetch {
	var.set_string("purge", "" + var.global_get("purge"));
}

sub vcl_backend_response {
	# There was a purge since the origin was asked. It could not forget what was not there yet,
	# and this answer may be of the time before it: ask again, and at worst keep nothing.
	if (var.get_string("purge") != "" + var.global_get("purge")) {
		if (bereq.retries < 3) {
			return (retry);
		}
		set beresp.uncacheable = true;
		set beresp.ttl = 1s; # that it is not to be queued for
		set beresp.grace = 0s;
		return (deliver);
	}
	if (beresp.status >= 500) {
		if (bereq.is_bgfetch) {
			return (abandon); # keep what there is
		}
		set beresp.uncacheable = true;
		set beresp.ttl = 0s;
		return (deliver);
	}
	set beresp.ttl = 0s;
	set beresp.grace = 0s;
	set beresp.keep = 1h; # to ask with If-None-Match
	if (beresp.http.CDN-Cache-Control ~ "(^|[ ,])max-age=[0-9]+"
	    && beresp.http.CDN-Cache-Control !~ "no-store|no-cache|private"
	    && (beresp.status == 200 || beresp.status == 301 || beresp.status == 302
	        || beresp.status == 404 || beresp.status == 410)) {
		set beresp.ttl = std.duration(regsub(beresp.http.CDN-Cache-Control,
		    "^.*max-age=([0-9]+).*$", "\1") + "s", 0s);
		if (beresp.http.CDN-Cache-Control ~ "stale-if-error=[0-9]+") {
			set beresp.grace = std.duration(regsub(beresp.http.CDN-Cache-Control,
			    "^.*stale-if-error=([0-9]+).*$", "\1") + "s", 0s);
		}
	}
	if (beresp.ttl <= 0s) {
		# Not to be kept. Remember for a moment that requests need not queue for it.
		set beresp.uncacheable = true;
		set beresp.ttl = 1s;
	}
	if (beresp.http.Surrogate-Key) {
		set beresp.http.xkey = beresp.http.Surrogate-Key;
	}
	return (deliver);
}

sub vcl_backend_error {
	set beresp.http.Content-Type = "application/problem+json";
	set beresp.http.Cache-Control = "no-store";
	set beresp.http.Retry-After = "1";
	synthetic({"{"type":"about:blank","title":"Service Unavailable","status":"} + beresp.status
	    + {","detail":"The origin does not answer." }
"});
	return (deliver);
}

sub vcl_deliver {
	# Better an old copy than an error: look again, with all the grace there is.
	if (resp.status >= 500 && req.restarts == 0 && (req.method == "GET" || req.method == "HEAD")) {
		return (restart);
	}
	unset resp.http.xkey;
	unset resp.http.Surrogate-Key;
	unset resp.http.Cache-Tag;
	unset resp.http.CDN-Cache-Control;
	unset resp.http.Via;
	unset resp.http.X-Varnish;
	# A copy that is hours old here is as good as new (a publish would have purged it), so let
	# a browser count its minute from now; not beyond what is left, which ends with the
	# document's validity.
	if (resp.http.Cache-Control ~ "stale-while-revalidate" && obj.ttl >= 360s) {
		set resp.http.Cache-Control = "public, max-age=60, stale-while-revalidate=300";
		set resp.http.Date = now;
		unset resp.http.Age;
	}
	# The client will get the plain bytes of a gzip object: another representation.
	if (resp.http.Content-Encoding == "gzip" && !req.http.Accept-Encoding) {
		unset resp.http.Repr-Digest;
	}
	if (obj.hits > 0) {
		set resp.http.Cache-Status = "edgepress, varnish; hit; ttl="
		    + regsub(obj.ttl, "\..*$", "");
	} else if (resp.http.Cache-Status) {
		set resp.http.Cache-Status = resp.http.Cache-Status + ", varnish; fwd=miss";
	}
	return (deliver);
}

sub vcl_synth {
	set resp.http.Cache-Control = "no-store";
	if (resp.status == 405) {
		set resp.http.Allow = "GET, HEAD, OPTIONS";
	}
	set resp.http.Content-Type = "application/problem+json";
	synthetic({"{"type":"about:blank","title":""} + resp.reason + {"","status":"} + resp.status
	    + {" }
"});
	return (deliver);
}
