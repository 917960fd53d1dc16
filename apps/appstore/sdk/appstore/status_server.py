"""server.py SETTINGS: a page with some fields of a JSON answer, read anew for each request. It stands alone."""

import html
import http.server
import json
import sys
import urllib.request

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="15"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}
dl{{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem}}dt{{font-weight:600}}dd{{margin:0;overflow-wrap:anywhere}}</style>
</head><body><main><h1>{title}</h1>{body}</main></body></html>
"""


def look_up(data, name):
    """A field by its name, with dots for nested ones."""
    for part in name.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return "–" if data is None else data


def body(settings):
    try:
        with urllib.request.urlopen(settings["api_url"], timeout=5) as response:
            data = json.loads(response.read(1_000_000))
    except (OSError, ValueError) as error:
        return f"<p role=alert>No answer: {html.escape(str(error))}</p>"
    rows = "".join(
        f"<dt>{html.escape(str(label))}</dt><dd>{html.escape(str(look_up(data, name)))}</dd>"
        for name, label in settings["fields"].items()
    )
    return f"<dl>{rows}</dl>"


def serve(settings):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = PAGE.format(title=html.escape(settings["title"]), body=body(settings)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer((settings["bind"], settings["port"]), Handler).serve_forever()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        serve(json.load(file))
