"""Sends each text of standard input, a JSON string a line, as Python's own SysLogHandler does."""

import json
import logging
import logging.handlers
import socket
import sys

host, port, facility, socktype, append_nul = sys.argv[1:]
handler = logging.handlers.SysLogHandler(
    (host, int(port)),
    getattr(logging.handlers.SysLogHandler, "LOG_" + facility.upper()),
    socket.SOCK_STREAM if socktype == "tcp" else socket.SOCK_DGRAM,
)
handler.append_nul = append_nul == "true"
logger = logging.getLogger("SIEM")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(handler)
for line in sys.stdin.buffer.read().decode("utf-8").split("\n"):
    if line:
        logger.info(json.loads(line))
handler.close()
