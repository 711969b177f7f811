"""Speaks to the collector as senders of several makes do, and says what each was told.

Wire: single events without a content type, batches with `\\n`, `\\r\\n` and nothing between, gzip, chunked bodies, channels in the query and
in a header, versioned paths, paths with a slash at the end, acknowledgements asked for until all are true.
"""
import gzip
import http.client
import json
import sys
import time
import urllib.parse
import uuid

asked = json.loads(sys.argv[1])
connection = http.client.HTTPConnection(urllib.parse.urlsplit(asked["url"]).netloc, timeout=20)
told = {}


def post(path, body, token, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", path, body, {"Authorization": "Splunk " + token, **named})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def get(path):
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def event(name):
    return json.dumps({"event": {"text": name}, "time": time.time(), "host": "h", "fields": {"sophos_record": name}}).encode()


plain, acked = asked["token"], asked["ackToken"]
told["single"] = post("/services/collector", event("single"), plain)
told["lines"] = post("/services/collector/event", event("lines-1") + b"\n" + event("lines-2") + b"\r\n", plain, Content_Type="application/json")
told["glued"] = post("/services/collector/event/1.0", event("glued-1") + event("glued-2"), plain)
told["slash"] = post("/services/collector/event/", event("slash"), plain)
told["gzip"] = post("/services/collector/event", gzip.compress(event("gzip")), plain, Content_Encoding="gzip")
told["chunked"] = post("/services/collector/event", iter([event("chunked-1"), event("chunked-2")]), plain)
told["text"] = post("/services/collector/event", b'{"event":"only text","fields":{"sophos_record":"text"}}', plain, Content_Type="text/plain")
told["raw"] = post("/services/collector/raw", b"a line", plain)
told["health"] = get("/services/collector/health")
told["health/1.0"] = get("/services/collector/health/1.0?ack=true")
told["unknown"] = get("/services/elsewhere")[0]

channel = str(uuid.uuid4())
by_query = post("/services/collector/event?channel=" + channel, event("acked-1"), acked)
by_header = post("/services/collector/event/1.0", event("acked-2"), acked, X_Splunk_Request_Channel=channel.upper())
told["acked"] = [by_query, by_header]
told["no channel"] = post("/services/collector/event", event("never"), acked)
waiting = [by_query[1]["ackId"], by_header[1]["ackId"]]
polls = 0
while waiting and polls < 200:
    polls += 1
    path = "/services/collector/ack?channel=" + channel if polls % 2 else "/services/collector/ack/1.0?channel=" + channel
    acks = post(path, json.dumps({"acks": waiting}), acked)[1]["acks"]
    waiting = [number for number in waiting if not acks[str(number)]]
    time.sleep(0.02)
told["waiting"] = waiting
told["polls"] = polls
print(json.dumps(told))
