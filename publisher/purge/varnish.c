/*
 * varnish: purge by surrogate key through vmod xkey, as deploy/edge/varnish.vcl has it:
 * PURGE / with the keys in xkey-purge, blanks between; 200 when they are forgotten. The purge
 * is hard: what it names is gone, so that nobody is served the old version once more.
 */
#include "base/fs.h"
#include "publisher/purge/purge.h"

#define SECRET_MAX 256
/* http_req_hdr_len is 8 KiB by default; stay well below: 100 keys of at most 32 bytes. */
#define BATCH 100

static bool
secret_read(struct arena *a, const char *path, struct str *out, struct err *err)
{
	if (!fs_read(a, path, SECRET_MAX, out, err))
		return false;
	*out = str_trim(*out);
	for (size_t i = 0; i < out->n; i++)
		if ((unsigned char)out->p[i] <= ' ' || (unsigned char)out->p[i] >= 0x7f)
			return err_set(err, ERR_SETUP, "%s: the secret has to be one word of ASCII",
			    path);
	return out->n > 0 || err_set(err, ERR_SETUP, "%s: empty", path);
}

static bool
varnish_request(struct arena *a, const struct edge_config *edge, const struct str *keys,
    size_t n, struct http_request *out, struct err *err)
{
	struct http_header *header = ARENA_ARRAY(a, struct http_header, 2);
	struct buf *list = buf_in(a, 4096);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(list, ' ');
		buf_put(list, keys[i]);
	}
	if (!buf_ok(list, err))
		return false;
	header[0] = (struct http_header){ STR("xkey-purge"), buf_str(list) };
	*out = (struct http_request){
		.method = "PURGE",
		.url = arena_printf(a, "%s/", edge->url).p,
		.header = header,
		.headers = 1,
		.timeout_ms = 5000,
		.body_max = 64 * 1024,
	};
	if (edge->secret_file == NULL)
		return true;
	header[1].name = STR("X-Purge-Secret");
	out->headers = 2;
	return secret_read(a, edge->secret_file, &header[1].value, err);
}

static bool
varnish_accepted(const struct edge_config *edge, const struct http_response *rs,
    struct err *err)
{
	if (rs->status == 200)
		return true;
	if (rs->status == 401 || rs->status == 403 || rs->status == 405)
		return err_set(err, ERR_SETUP, "%s answered %d to PURGE: is this machine in the ACL "
		    "of deploy/edge/varnish.vcl, and the secret the same?", edge->url, rs->status);
	return err_set(err, ERR_BUSY, "%s answered %d to PURGE", edge->url, rs->status);
}

const struct purge_driver purge_varnish = {
	.name = "varnish",
	.batch = BATCH,
	.request = varnish_request,
	.accepted = varnish_accepted,
};
