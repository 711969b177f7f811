"""Reads each line of standard input with liblognorm, rsyslog's parser of log formats, and writes what it made of it as one line of JSON."""

import ctypes
import ctypes.util
import sys


def library(name):
    found = ctypes.util.find_library(name)
    if found is None:
        sys.exit(77)
    return ctypes.CDLL(found)


lognorm, json = library("lognorm"), library("fastjson")
lognorm.ln_initCtx.restype = ctypes.c_void_p
json.fjson_object_to_json_string.restype = ctypes.c_char_p
json.fjson_object_to_json_string.argtypes = [ctypes.c_void_p]
json.fjson_object_put.argtypes = [ctypes.c_void_p]
context = ctypes.c_void_p(lognorm.ln_initCtx())
if lognorm.ln_loadSamplesFromString(context, b"version=2\nrule=:%cef:cef%") != 0:
    sys.exit(77)

for line in sys.stdin.buffer.read().split(b"\n"):
    made = ctypes.c_void_p()
    lognorm.ln_normalize(context, line, ctypes.c_size_t(len(line)), ctypes.byref(made))
    sys.stdout.buffer.write(json.fjson_object_to_json_string(made) + b"\n")
    json.fjson_object_put(made)
