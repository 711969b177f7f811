"""Speaks to Central as a collector for whole estates does: every tenant of the account, both feeds.

Wire: http.client with connections that stay; the number of pages first (`pageTotal=True`, as Python writes it), then page by page
without a size; headers of its own for each tenant, in lower case; tokens with `Bearer` spelt from `token_type`; excluded types as
repeated parameters; a 429 is waited for as `Retry-After` says, a 5xx asked again at once.
"""
import http.client
import json
import sys
import time
import urllib.parse

asked = json.loads(sys.argv[1])
open_connections = {}
throttled = 0


def call(method, base, path, headers, body=None):
    global throttled
    host = urllib.parse.urlsplit(base).netloc
    for _ in range(50):
        connection = open_connections.setdefault(host, http.client.HTTPConnection(host, timeout=20))
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
        if answer.status == 429:
            throttled += 1
            time.sleep(min(float(answer.getheader("Retry-After") or 0.05), 1.0))
        elif answer.status < 500:
            return answer.status, json.loads(raw)
    raise SystemExit("gave up on " + path)


def good(method, base, path, headers, body=None):
    status, value = call(method, base, path, headers, body)
    if status != 200:
        raise SystemExit("%s %s: %s %s" % (method, path, status, value))
    return value


form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "token", "client_id": asked["clientId"], "client_secret": asked["clientSecret"]})
token = good("POST", asked["url"], "/api/v2/oauth2/token", {"content-type": "application/x-www-form-urlencoded"}, form)
bearer = {"authorization": token["token_type"].title() + " " + token["access_token"]}
account = good("GET", asked["url"], "/whoami/v1", bearer)
kind, shared = account["idType"], account["apiHosts"]["global"]
owner = {**bearer, "x-%s-id" % kind: account["id"]}
listing = "/%s/v1/tenants?" % kind
pages = good("GET", shared, listing + urllib.parse.urlencode({"pageTotal": True}), owner)["pages"]["total"]
tenants = [tenant for page in range(1, pages + 1) for tenant in good("GET", shared, listing + "page=%d" % page, owner)["items"]]

ids, forbidden = [], []
for tenant in tenants:
    headers = {**bearer, "x-tenant-id": tenant["id"].upper(), "accept": "application/json"}
    for feed in ("events", "alerts"):
        query = [("limit", 500)] + [("exclude_types", each) for each in asked["excluded"]]
        while True:
            status, page = call("GET", tenant["apiHost"], "/siem/v1/%s?%s" % (feed, urllib.parse.urlencode(query)), headers)
            if status == 403:
                forbidden.append(tenant["id"])
                break
            ids += [item["id"] for item in page["items"]]
            query = [pair for pair in query if pair[0] != "cursor"] + [("cursor", page["next_cursor"])]
            if not page["has_more"]:
                break
print(json.dumps({"tenants": [tenant["id"] for tenant in tenants], "ids": ids, "forbidden": sorted(set(forbidden)), "throttled": throttled}))
