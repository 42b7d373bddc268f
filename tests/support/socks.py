"""A SOCKS5 proxy (RFC 1928) that leads every connection to one server, and notes where to."""

import socket
import socketserver
import struct
import threading


class Proxy:
    def __init__(self, server: tuple[str, int]):
        self.server = server
        self.asked: list[tuple[str, int]] = []
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                proxy.serve(self.request)

        self.listener = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.address = f"127.0.0.1:{self.listener.server_address[1]}"

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.listener.shutdown()
        self.listener.server_close()

    def serve(self, client: socket.socket) -> None:
        read = client.makefile("rb", buffering=0).read
        version, methods = read(2)
        assert version == 5 and 0 in read(methods)
        client.sendall(b"\x05\x00")
        _, command, _, kind = read(4)
        assert command == 1, "CONNECT"
        host = read(read(1)[0]).decode() if kind == 3 else socket.inet_ntoa(read(4))
        (port,) = struct.unpack(">H", read(2))
        self.asked.append((host, port))
        client.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        with socket.create_connection(self.server) as server:
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # One of the two has gone away.
