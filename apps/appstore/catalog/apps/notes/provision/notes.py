"""Server of a wall of notes. Settings come from the environment, see install.py."""

import base64
import hashlib
import hmac
import html
import os
import sqlite3
import urllib.parse
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TITLE = html.escape(os.environ.get("NOTES_TITLE", "Notes"))
PUBLIC = os.environ.get("NOTES_PUBLIC") == "true"
DATABASE = os.environ.get("NOTES_DATABASE", "/var/lib/notes/notes.db")
SALT = base64.b64decode(os.environ["NOTES_SALT"])
HASH = base64.b64decode(os.environ["NOTES_HASH"])
ROUNDS = int(os.environ["NOTES_ROUNDS"])
LONGEST = 2000
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body {{ max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font-family: sans-serif }}
li {{ margin: .5rem 0; white-space: pre-wrap }}</style>
<h1>{title}</h1>
<form method="post"><label>Note <input name="text" maxlength="{longest}" required></label> <button>Add</button></form>
<ul>{items}</ul></html>"""


def database():
    connection = sqlite3.connect(DATABASE, timeout=10)
    connection.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return closing(connection)


class Handler(BaseHTTPRequestHandler):
    server_version = "notes"
    timeout = 30

    def do_GET(self):
        if self.path == "/health":
            self.answer(200, "ok", "text/plain")
        elif self.path != "/":
            self.answer(404, "There is no such page", "text/plain")
        elif PUBLIC or self.may():
            with database() as connection:
                notes = connection.execute("SELECT text FROM note ORDER BY id DESC LIMIT 200").fetchall()
            items = "".join(f"<li>{html.escape(text)}</li>" for (text,) in notes)
            self.answer(200, PAGE.format(title=TITLE, longest=LONGEST, items=items), "text/html")

    def do_POST(self):
        origin = self.headers.get("Origin")
        if origin is not None and urllib.parse.urlsplit(origin).netloc != self.headers.get("Host"):
            self.answer(403, "Another page sent this", "text/plain")
            return
        if not self.may():
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > 12 * LONGEST:
            self.answer(413, "That is too long", "text/plain")
            return
        form = urllib.parse.parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        text = form.get("text", [""])[0].strip()[:LONGEST]
        if text:
            with database() as connection:
                connection.execute("INSERT INTO note (text) VALUES (?)", (text,))
                connection.commit()
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def may(self):
        """Whether the request has the password; else it is asked for."""
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except ValueError:
            user, password = "", ""
        key = hashlib.pbkdf2_hmac("sha256", password.encode(), SALT, ROUNDS, len(HASH))
        if scheme == "Basic" and user == "notes" and hmac.compare_digest(key, HASH):
            return True
        self.answer(401, "The password is wanted", "text/plain", {"WWW-Authenticate": 'Basic realm="notes"'})
        return False

    def answer(self, status, text, kind, headers=None):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    address = (os.environ.get("NOTES_ADDRESS", ""), int(os.environ.get("NOTES_PORT", "8091")))
    server = ThreadingHTTPServer(address, Handler)
    print(f"port {server.server_port}", flush=True)
    server.serve_forever()
