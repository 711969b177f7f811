"""Answers for python.test.ts: what Python itself makes of each line of standard input, one line of ASCII JSON each."""

import json
import re
import sys
import unicodedata

THREAT = re.compile("'(.*?)'.+'(.*?)'")
LOSS = re.compile(
    "An \u2033(.+)\u2033.+ Username: (.+?)  Rule names: \u2032(.+?)\u2032  User action: (.+?)  Application Name: (.+?)"
    r"  Data Control action: (.+?)  File type: (.+?)  File size: (\d+?)  Source path: (.+)$"
)
LABELS = re.compile("^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$")


def valid(host):
    host = host.strip()
    if host.endswith("."):
        host = host[:-1]
    return 0 < len(host) < 256 and all(len(label) < 64 and LABELS.match(label) for label in host.split("."))


def rewritten(host):
    labels = [label.strip() for label in host.lower().split(".")]
    return ".".join(re.sub("[^-a-z0-9]+", "-", label).strip("-") for label in labels if label)


def answer(text):
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, str):
        return {"str": str(value), "json": json.dumps(value, ensure_ascii=False)}
    threat, loss = THREAT.search(value), LOSS.search(value)
    return {
        "str": str([value]),
        "json": json.dumps(value, ensure_ascii=False),
        "strip": value.strip(),
        "host": value if valid(value) else rewritten(value),
        "threat": threat and threat.groups(),
        "loss": loss and loss.groups(),
    }


def main():
    for line in sys.stdin.buffer.read().decode("utf-8").split("\n"):
        found = answer(line)
        if found is not None:
            found["unassigned"] = sum(unicodedata.category(char) == "Cn" for char in found["json"])
        print(json.dumps(found))


main()
