#!/usr/bin/env python3
# privexec-call.py /run/privexec/appstore/socket pct.exec '{"vmid": 20001, "command": ["id"]}'
import json, socket, struct, sys

_, path, command, text = sys.argv
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
request = json.dumps({"protocol": 1, "command": command, "input": json.loads(text)}).encode()
connection.sendall(struct.pack(">BI", 1, len(request)) + request)
frames = connection.makefile("rb")
while len(head := frames.read(5)) == 5:
    kind, length = struct.unpack(">BI", head)
    payload = frames.read(length)
    if output := {131: sys.stdout, 132: sys.stderr}.get(kind):
        output.buffer.write(payload), output.flush()
    elif kind in (134, 135):
        answer = json.loads(payload)
        known = answer.keys() == {"exitCode", "ended", "recorded"} and answer["recorded"]
        sys.exit(answer["exitCode"] if known else f"{command}: {answer}")
sys.exit(f"{command}: the connection ended before the outcome")
