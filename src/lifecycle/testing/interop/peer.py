"""Programs that others wrote, driven by lines of JSON: a request on stdin, its answer on stdout."""

import base64
import datetime
import decimal
import json
import os
import sys
import uuid


def serve(commands):
    """Answers until stdin ends. A command gets the fields of its request and gives what JSON can say."""
    # Libraries write to stdout as they like; answers go where only they do.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": commands[request.pop("do")](**request)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def text(value):
    """A value as Sluice writes it to CSV; None for null. What has no zone is written without one."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), repr(value).removesuffix(".0"))
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return f"{clock(value.replace(tzinfo=None), value.microsecond)}{'' if value.tzinfo is None else 'Z'}"
    if isinstance(value, datetime.time):
        return clock(value, value.microsecond)
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, (int, str, uuid.UUID, datetime.date)):
        return str(value)
    raise TypeError(f"{type(value)} has no text")


def clock(value, micros):
    """Decimals when there are some: three when they are enough, else six."""
    return value.isoformat(timespec="seconds" if micros == 0 else "milliseconds" if micros % 1000 == 0 else "microseconds")
