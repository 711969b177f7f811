"""Speaks to Central as a log agent's HTTP input does: no state but a point in time.

Wire: the credential is tried as HTTP Basic first, as OAuth2 libraries do, and in the form when that is refused; `from_date` goes along
with every `cursor`; compressed answers are asked for; each round begins anew where the last one ended, so repeats are told apart by id.
"""
import base64
import gzip
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

asked = json.loads(sys.argv[1])


def fetch(url, headers, form=None):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, {"Accept-Encoding": "gzip", **headers})) as answer:
        raw = answer.read()
        return json.loads(gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw)


url = asked["url"] + "/api/v2/oauth2/token"
grant = {"grant_type": "client_credentials", "scope": "token"}
pair = asked["clientId"] + ":" + asked["clientSecret"]
basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
try:
    token = fetch(url, basic, grant)
except urllib.error.HTTPError as refused:
    first = refused.code
    token = fetch(url, {}, {**grant, "client_id": asked["clientId"], "client_secret": asked["clientSecret"]})
else:
    first = 200
# It renews by what it was given, in JSON.
renewal = {"client_id": asked["clientId"], "client_secret": asked["clientSecret"], "grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
request = urllib.request.Request(url, json.dumps(renewal).encode(), {"Content-Type": "application/json"})
with urllib.request.urlopen(request) as answer:
    token = json.loads(answer.read())

headers = {"Authorization": "Bearer " + token["access_token"], "X-Tenant-Id": asked["tenant"], "Accept": "application/json"}
seen = {}
repeated = 0
for since in asked["rounds"]:
    query = {"from_date": since, "limit": asked["limit"], "cursor": ""}
    while True:
        page = fetch(asked["url"] + "/siem/v1/events?" + urllib.parse.urlencode(query), headers)
        for item in page["items"]:
            key = (item["id"], item.get("created_at"), item.get("when"))
            repeated += key in seen
            seen[key] = item["id"]
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]
print(json.dumps({"ids": list(seen.values()), "repeated": repeated, "basic": first}))
