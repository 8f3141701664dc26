"""Mirrors on the loopback interface, with all known kinds of faults."""

import gzip
import threading
import time
from collections import Counter
from contextlib import suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from .tiny import idx_bytes


@cache
def packed_bomb(header: bytes) -> bytes:
    """A gzip file of 64 KiB that expands to 64 MiB."""
    return gzip.compress(header + bytes(64 << 20), mtime=0)


class Mirrors:
    """An HTTP server on loopback; the first part of a path chooses how it misbehaves."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents
        self.bomb_header = contents["train-images-idx3-ubyte"][:16]
        self.requests: Counter[str] = Counter()
        self.sent = 0
        self.stopping = threading.Event()
        packed_bomb(self.bomb_header)  # generated now, because a client would time out waiting for it
        mirrors = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                mirrors.requests[self.path] += 1
                _, behaviour, name = self.path.split("/", 2)
                getattr(mirrors, behaviour)(self, name)

            def handle(self) -> None:
                with suppress(BrokenPipeError, ConnectionResetError):  # the client closed the connection
                    super().handle()

            def log_message(self, *_: object) -> None:
                """Write nothing to stderr."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def address(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{behaviour}/"

    def asked(self, behaviour: str) -> int:
        return sum(count for path, count in self.requests.items() if path.startswith(f"/{behaviour}/"))

    def stop(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def reply(self, handler: BaseHTTPRequestHandler, body: bytes, length: int | None = None) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = length is not None
        self.sent += len(body)

    def packed(self, name: str) -> bytes:
        return gzip.compress(self.contents[name.removesuffix(".gz")], mtime=0)

    def good(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        if name.endswith(".gz"):
            self.reply(handler, self.packed(name))
        else:
            handler.send_error(404)

    def raw(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        if name.endswith(".gz"):
            handler.send_error(404)
        else:
            self.reply(handler, self.contents[name])

    def chunked(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        body = self.packed(name)
        for start in range(0, len(body), 5000):
            part = body[start : start + 5000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")

    def missing(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        handler.send_error(404)

    def broken(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        handler.send_error(500)

    def busy(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        handler.send_response(429)
        handler.send_header("Retry-After", "3600")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def flaky(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        if self.requests[handler.path] == 1:
            handler.send_error(500)
        else:
            self.good(handler, name)

    def stall(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        body = self.packed(name)
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.wfile.flush()
        self.stopping.wait(30)

    def silent(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        handler.close_connection = True
        self.stopping.wait(30)

    def trickle(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        body = self.packed(name)
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        for byte in body:
            handler.wfile.write(bytes([byte]))
            if self.stopping.wait(0.01):
                return

    def truncate(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        body = self.packed(name)
        self.reply(handler, body[: len(body) // 2], length=len(body))

    def cut(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        """Half a gzip file, with a Content-Length that matches."""
        body = self.packed(name)
        self.reply(handler, body[: len(body) // 2])

    def corrupt(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        body = bytearray(self.packed(name))
        for index in range(len(body) // 2, len(body) // 2 + 8):
            body[index] ^= 0xFF
        self.reply(handler, bytes(body))

    def altered(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        """Valid gzip and valid IDX, but with a different last pixel or label."""
        content = bytearray(self.contents[name.removesuffix(".gz")])
        content[-1] ^= 1
        self.reply(handler, gzip.compress(bytes(content)))

    def reshaped(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        self.reply(handler, gzip.compress(idx_bytes(np.zeros((5, 7, 9), dtype=np.uint8))))

    def page(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        """A login page instead of the file."""
        self.reply(handler, b"<!DOCTYPE html><title>Welcome to our network</title>" * 50)

    def misnamed(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        """Raw content under the name of the gzip file."""
        if name.endswith(".gz"):
            self.reply(handler, self.contents[name.removesuffix(".gz")])
        else:
            handler.send_error(404)

    def text(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        self.reply(handler, gzip.compress(b"not an IDX file at all" * 10))

    def bomb(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        """The correct header, followed by far more data than it declares."""
        self.reply(handler, packed_bomb(self.bomb_header))

    def endless(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        """A gzip file whose comment never ends, without a Content-Length."""
        handler.close_connection = True
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"\x1f\x8b\x08\x10" + bytes(6))
        started = time.monotonic()
        while not self.stopping.is_set() and time.monotonic() - started < 20:
            handler.wfile.write(b"x" * 65536)
            self.sent += 65536
