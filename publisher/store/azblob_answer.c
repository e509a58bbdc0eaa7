#include "publisher/store/azblob_answer.h"

#include "base/md5.h"

/* What an error code means and what to do about it. Those not listed are judged by status. */
static const struct meaning {
	const char *code;
	enum err_code err;
	const char *text;
} meanings[] = {
	{ "BlobNotFound", ERR_ABSENT, "no such object" },
	{ "BlobAlreadyExists", ERR_STALE, "exists already" },
	{ "BlobImmutableDueToPolicy", ERR_STALE, "exists already and is kept by a policy" },
	{ "InvalidBlockList", ERR_STALE, "somebody else wrote it meanwhile" },
	{ "ConditionNotMet", ERR_STALE, "was replaced by another publisher" },
	{ "TargetConditionNotMet", ERR_STALE, "was replaced by another publisher" },
	{ "ContainerNotFound", ERR_SETUP, "the container does not exist: create it, or correct the "
	    "store's URL" },
	{ "ResourceNotFound", ERR_SETUP, "no such container, or it is not public and no credentials "
	    "are set" },
	{ "PublicAccessNotPermitted", ERR_SETUP, "the account allows no anonymous access: set "
	    "credentials" },
	{ "ContainerBeingDeleted", ERR_SETUP, "the container is being deleted" },
	{ "AccountIsDisabled", ERR_SETUP, "the account is disabled" },
	{ "LeaseIdMissing", ERR_SETUP, "somebody holds a lease on it: break the lease" },
	{ "AuthenticationFailed", ERR_SETUP, "the key, SAS token or identity is refused: is it this "
	    "account's, not expired, and is this machine's clock right?" },
	{ "AuthorizationFailure", ERR_SETUP, "refused: wrong or expired credentials, or the account's "
	    "firewall" },
	{ "AuthorizationPermissionMismatch", ERR_SETUP, "the right is missing: the role Storage Blob "
	    "Data Contributor (Reader for an origin), or r, w, c, l, d of the SAS token" },
	{ "InsufficientAccountPermissions", ERR_SETUP, "these credentials may not do this" },
	{ "KeyBasedAuthenticationNotPermitted", ERR_SETUP, "the account allows no keys: use an "
	    "identity (AZURE_STORAGE_AUTH_MODE=login)" },
	{ "AuthorizationProtocolMismatch", ERR_SETUP, "the SAS token is for https only" },
	{ "AccountRequiresHttps", ERR_SETUP, "the account takes https only" },
	{ "Md5Mismatch", ERR_BUSY, "was damaged on its way" },
	{ "InvalidMd5", ERR_BUSY, "was damaged on its way" },
};

struct str
azblob_code(const struct http_response *r)
{
	struct str code = http_header(r, "x-ms-error-code");
	return code.n <= 64 ? code : STR("");
}

bool
azblob_is_whole(struct arena *a, const struct http_response *r)
{
	struct str md5 = http_header(r, "content-md5");
	/* an answer to HEAD has the one without the other */
	return md5.n == 0 || r->body.n == 0 || r->status != 200 || str_eq(md5, md5_base64(a, r->body));
}

static struct meaning
by_status(int status)
{
	struct meaning m = { .err = ERR_SETUP, .text = "refused" };
	if (status == 401)
		m.text = "the credentials are refused";
	else if (status == 403)
		m.text = "these credentials may not do this";
	else if (status == 404)
		m.text = "not Azure Blob Storage, or not this account's URL";
	else if (status == 412)
		m = (struct meaning){ NULL, ERR_STALE, "was replaced by another publisher" };
	else if (status == 413)
		m = (struct meaning){ NULL, ERR_LIMIT, "too large" };
	else if (status == 408 || status == 429 || status >= 500 || status == 409)
		m = (struct meaning){ NULL, ERR_BUSY, "the store is busy or out of order; try again" };
	else if (status >= 200 && status < 400)
		m = (struct meaning){ NULL, ERR_SETUP, "not an answer of Azure Blob Storage" };
	return m;
}

bool
azblob_fail(const struct http_response *r, const char *method, const char *url, struct err *err)
{
	struct str code = azblob_code(r), id = http_header(r, "x-ms-request-id");
	struct meaning m = by_status(r->status);
	for (size_t i = 0; i < LEN(meanings); i++)
		if (str_eq(code, str_of(meanings[i].code)))
			m = meanings[i];
	return err_set(err, m.err, "%s %.*s: %d%s%.*s: %s%s%.*s%s", method, (int)strcspn(url, "?"), url,
	    r->status, code.n > 0 ? " " : "", STR_ARG(code), m.text, id.n > 0 ? " (request " : "",
	    (int)(id.n < 64 ? id.n : 64), id.p != NULL ? id.p : "", id.n > 0 ? ")" : "");
}
