"""Splits each line of standard input as a shell does and writes the words as one line of JSON."""

import json
import shlex
import sys

for line in sys.stdin.buffer.read().decode("utf-8").split("\n"):
    print(json.dumps(shlex.split(line)))
