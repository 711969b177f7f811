"""Speaks to Central as a poller from cron does: one tenant, one feed, one run.

Wire: urllib (a connection for each call, `Connection: close`), a form for the token, whoami, for a partner the one tenant by its id,
a query put together without any encoding, `from_date` first and `cursor` afterwards. It knows no success without `next_cursor`.
"""
import json
import sys
import urllib.parse
import urllib.request

asked = json.loads(sys.argv[1])
calls = 0


def fetch(url, headers, form=None):
    global calls
    calls += 1
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        return json.loads(answer.read())


def sign_in():
    """The base of the feeds and the headers that open them."""
    if "legacy" in asked:
        parts = [part.split(": ", 1)[1] for part in asked["legacy"].split(", ")]
        return parts[0], {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "X-Locale": "en",
            "Authorization": parts[2],
            "x-api-key": parts[1],
        }
    form = {"grant_type": "client_credentials", "scope": "token", "client_id": asked["clientId"], "client_secret": asked["clientSecret"]}
    bearer = {"Authorization": "Bearer " + fetch(asked["url"] + "/api/v2/oauth2/token", {}, form)["access_token"]}
    account = fetch(asked["url"] + "/whoami/v1", bearer)
    if account["idType"] == "tenant":
        return account["apiHosts"]["dataRegion"], {**bearer, "X-Tenant-ID": account["id"]}
    owner = {"partner": "X-Partner-ID", "organization": "X-Organization-ID"}[account["idType"]]
    tenant = fetch(account["apiHosts"]["global"] + "/" + account["idType"] + "/v1/tenants/" + asked["tenant"], {**bearer, owner: account["id"]})
    return tenant["apiHost"], {**bearer, "X-Tenant-ID": tenant["id"]}


base, headers = sign_in()
query = {"limit": 1000, **({"cursor": asked["cursor"]} if "cursor" in asked else {"from_date": asked["since"]}), "from_date_offset_minutes": 0}
ids = []
while True:
    text = "&".join("%s=%s" % pair for pair in query.items())
    if asked.get("excluded"):
        text += "&exclude_types=" + ",".join(asked["excluded"])
    page = fetch(base + "/siem/v1/" + asked["feed"] + "?" + text, headers)
    ids += [item["id"] for item in page["items"]]
    cursor = page["next_cursor"]
    if not page["has_more"]:
        break
    query["cursor"] = cursor
    query.pop("from_date", None)
print(json.dumps({"ids": ids, "cursor": cursor, "calls": calls}))
