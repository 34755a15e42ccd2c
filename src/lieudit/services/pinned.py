"""Connections to websites: to the address that was checked, and for no longer than is allowed.

A name may lead to a public address when it is checked and to a private one a moment later (DNS rebinding). So it is
looked up once for each request, and the connection goes to the address found then; the name stands in the request, and
the certificate must be the name's.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Timer
from typing import Any, ClassVar
from urllib.parse import urlsplit

import urllib3
from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from lieudit.services.site import public_address

__all__ = ["PinnedAdapter"]


class PinnedAdapter(HTTPAdapter):
    """Connects to checked addresses.

    Parameters
    ----------
    allow_private : bool, optional
        Connects to private ones as well.
    """

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make connections that end in time."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Put the address in the place of the name, and keep the name for the certificate."""
        host, kwargs = super().build_connection_pool_key_attributes(request, verify, cert)
        name = str(host["host"])
        port = host["port"] or (443 if host["scheme"] == "https" else 80)
        pinned = {**host, "host": public_address(name, port, allow_private=self._allow_private)}
        return pinned, {**kwargs, "server_hostname": name} if host["scheme"] == "https" else kwargs

    def add_headers(self, request: PreparedRequest, **_: Any) -> None:
        """Name the host, since the connection is to an address."""
        request.headers["Host"] = urlsplit(str(request.url)).netloc


class _Timed:
    """A connection that is hung up on after a while, whatever it is doing.

    Timeouts of sockets start again with every byte: a server that sends one every few seconds would never meet them.
    """

    seconds: ClassVar[float] = 20.0
    sock: Any
    _timer: Timer | None = None
    _kept: socket.socket | None = None
    _answering = False

    def connect(self) -> None:
        self._arm()
        super().connect()  # type: ignore[misc]
        self._kept = self.sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._arm()
        super().request(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self) -> Any:
        # It closes the connection, and hands the socket on, where the server will: the time runs on.
        self._answering = True
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            self._answering = False

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        if self._timer is not None and not self._answering:
            self._timer.cancel()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = Timer(self.seconds, self._hang_up)
        self._timer.daemon = True
        self._timer.start()

    def _hang_up(self) -> None:
        sock = self.sock or self._kept
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class _Connection(_Timed, urllib3.connection.HTTPConnection):
    pass


class _SecureConnection(_Timed, urllib3.connection.HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
