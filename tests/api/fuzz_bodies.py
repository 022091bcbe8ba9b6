"""How schemathesis sends bodies that are no JSON: text as it is, anything else as the lines or bytes that it reads as."""

import json

import schemathesis


@schemathesis.serializer("application/zip", "application/octet-stream", "application/x-ndjson")
def as_it_is(ctx, value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return json.dumps(value).encode()
