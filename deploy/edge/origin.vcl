# What differs from one installation to the next: where the origin is, and who may purge.
# varnish.vcl includes this file; keep your own copy in a folder of its own and put that
# folder in front:  varnishd -p vcl_path=/etc/edgepress:/usr/share/edgepress/edge ...

backend origin {
	.host = "127.0.0.1";
	.port = "8080";
	.connect_timeout = 1s;
	.first_byte_timeout = 15s;
	.between_bytes_timeout = 5s;
	.probe = {
		.url = "/-/healthz";
		.interval = 2s;
		.timeout = 1s;
		.window = 4;
		.threshold = 2;
		.initial = 2;
	}
}

# Publishers and origins of this site.
acl purgers {
	"127.0.0.1";
	"::1";
}

# Called for every PURGE. What came through a proxy is refused: with one on this machine, that
# does TLS say, everybody in the world comes from 127.0.0.1. A proxy that adds no
# X-Forwarded-For cannot be told from a publisher: then ask for a secret. To ask for a shared secret as well ([edge NAME] secret in
# edgepress.ini), take the comment signs away and put the secret in.
sub purge_allowed {
	if (client.ip !~ purgers || req.http.X-Forwarded-For ~ "," || req.http.Forwarded) {
		return (synth(403, "Forbidden"));
	}
#	if (req.http.X-Purge-Secret != "put the secret here") {
#		return (synth(403, "Forbidden"));
#	}
}
