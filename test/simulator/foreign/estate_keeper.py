"""Speaks to Central as those do who keep the estates of customers in order: inventory, alerts, websites, Intelix.

Wire: urllib, a connection for each call; endpoints and alerts by `pageFromKey` until there is no key or an empty one, alerts also by
POST with lists in the body; times in microseconds; websites by the number of pages first, then page by page; addresses for Intelix
encoded as a form does, its token without `Bearer`.
"""
import base64
import datetime
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

asked = json.loads(sys.argv[1])


def call(method, url, headers, body=None, form=False):
    data = None
    if body is not None:
        data = (urllib.parse.urlencode(body) if form else json.dumps(body)).encode()
        headers = {**headers, "Content-Type": "application/x-www-form-urlencoded" if form else "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, method=method, headers=headers)) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def pages_by_key(path, query, body=None):
    items, key, rounds = [], "", 0
    while rounds < 1000:
        rounds += 1
        if body is None:
            text = urllib.parse.urlencode({**query, **({"pageFromKey": key} if key else {})})
            status, page = call("GET", host + path + "?" + text, tenant)
        else:
            status, page = call("POST", host + path, tenant, {**body, **({"pageFromKey": key} if key else {})})
        assert status == 200, page
        items += page["items"]
        key = page["pages"].get("nextKey", "")
        if key == "":
            return items
    raise SystemExit("no end of pages")


login = {"grant_type": "client_credentials", "client_id": asked["clientId"], "client_secret": asked["clientSecret"], "scope": "token"}
_, token = call("POST", asked["url"] + "/api/v2/oauth2/token", {}, login, form=True)
bearer = {"Authorization": "Bearer " + token["access_token"]}
_, me = call("GET", asked["url"] + "/whoami/v1", bearer)
_, listed = call("GET", me["apiHosts"]["global"] + "/partner/v1/tenants?pageTotal=true", {**bearer, "X-Partner-ID": me["id"]})
chosen = listed["items"][0]
host = chosen["apiHost"]
tenant = {**bearer, "X-Tenant-ID": chosen["id"]}

since = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
alerts = pages_by_key("/common/v1/alerts", {"pageSize": 100, "from": since})
severe = pages_by_key("/common/v1/alerts/search", {}, {"pageSize": 20, "from": since, "severity": ["high", "medium"], "sort": ["raisedAt:desc"]})
endpoints = pages_by_key("/endpoint/v1/endpoints", {"pageSize": 500, "view": "full"})

websites = host + "/endpoint/v1/settings/web-control/local-sites"
_, first = call("GET", websites + "?pageSize=7&pageTotal=true", tenant)
sites = []
for number in range(1, first["pages"]["total"] + 1):
    sites += call("GET", websites + "?pageSize=7&page=%d" % number, tenant)[1]["items"]
_, beyond = call("GET", websites + "?pageSize=7&page=%d" % (first["pages"]["total"] + 1), tenant)
deleted = [call("DELETE", websites + "/" + sites[0]["id"], tenant) for _ in range(2)]

open_alert = next(each for each in alerts if "acknowledge" in each["allowedActions"])
acted = [call("POST", "%s/common/v1/alerts/%s/actions" % (host, open_alert["id"]), tenant, {"action": "acknowledge", "message": "seen"})[0] for _ in range(2)]
scanned, _ = call("POST", "%s/endpoint/v1/endpoints/%s/scans" % (host, endpoints[0]["id"]), tenant, {})
isolated, _ = call("POST", host + "/endpoint/v1/endpoints/isolation", tenant, {"enabled": True, "comment": "x", "ids": [endpoints[0]["id"]]})

basic = base64.b64encode((asked["intelixClientId"] + ":" + asked["intelixClientSecret"]).encode()).decode()
_, raw = call("POST", asked["url"] + "/oauth2/token", {"Authorization": "Basic " + basic}, {"grant_type": "client_credentials"}, form=True)
looked = []
for kind, address in (("urls", "https://example.com/a b?c=d"), ("ips", "192.0.2.7"), ("files", "ab" * 32)):
    looked.append(call("GET", "%s/lookup/%s/v1/%s" % (asked["url"], kind, urllib.parse.quote_plus(address)), {"Authorization": raw["access_token"]}))

print(
    json.dumps(
        {
            "tenant": chosen["id"],
            "endpoints": [each["id"] for each in endpoints],
            "alerts": [each["id"] for each in alerts],
            "severe": [[each["severity"], each["raisedAt"]] for each in severe],
            "sites": [each["id"] for each in sites],
            "beyond": beyond["items"],
            "deleted": deleted,
            "acted": acted,
            "ordered": [scanned, isolated],
            "looked": [[status, "ttl" in answer] for status, answer in looked],
        }
    )
)
