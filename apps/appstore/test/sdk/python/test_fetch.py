import hashlib
import http.server
import os
import threading

from support import Case
from appstore import PermissionDeniedError
from appstore.errors import DownloadError


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://192.0.2.1/x")
            self.end_headers()
            return
        if self.path == "/none":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", "100" if self.path == "/short" else "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


class Downloads(Case):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.own = self.app(urls=["http://127.0.0.1:*", "http://example.com/*"], paths=[f"{self.folder}/out"])

    def test_a_file_is_there_only_when_it_is_what_its_digest_says(self):
        right = hashlib.sha256(b"hello").hexdigest()
        target = f"{self.folder}/out/file"
        for digest in (right, f"sha256:{right}", f"sha512:{hashlib.sha512(b'hello').hexdigest()}", None):
            self.own.download(f"{self.base}/x", target, digest=digest, mode="0600")
            self.assertEqual(self.text("out/file"), "hello")
            os.unlink(target)
        for digest in ("0" * 64, "md5:5d41402abc4b2a76b9719d911017c592"):
            with self.assertRaises(DownloadError):
                self.own.download(f"{self.base}/x", target, digest=digest)
        self.assertEqual(os.listdir(f"{self.folder}/out"), [])

    def test_sizes_are_bounded_and_half_an_answer_is_none(self):
        with self.assertRaises(DownloadError):
            self.own.download(f"{self.base}/x", f"{self.folder}/out/file", max_bytes=4)
        with self.assertRaises(DownloadError):
            self.own.download(f"{self.base}/short", f"{self.folder}/out/file")
        self.assertEqual(os.listdir(f"{self.folder}/out"), [])

    def test_what_is_not_https_is_not_fetched_nor_followed_to(self):
        for url in ("http://example.com/x", f"{self.base}/away", f"{self.base}/none"):
            with self.assertRaises(DownloadError):
                self.own.download(url, f"{self.folder}/out/file")

    def test_what_is_not_declared_is_not_asked_for(self):
        with self.assertRaises(PermissionDeniedError):
            self.own.download("https://example.org/x", f"{self.folder}/out/file")
        with self.assertRaises(PermissionDeniedError):
            self.own.download(f"{self.base}/x", f"{self.folder}/elsewhere")
        with self.assertRaises(PermissionDeniedError):
            self.own.wait_for_http("https://example.org/")

    def test_waiting_tells_whether_it_answered(self):
        self.assertTrue(self.own.wait_for_http(f"{self.base}/", timeout=5))
        self.assertFalse(self.own.wait_for_http(f"{self.base}/none", timeout=0.2, interval=0.1))
