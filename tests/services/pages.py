"""Websites on 127.0.0.1: pages as companies write them, and as nobody should."""

from __future__ import annotations

import gzip
import time

from .server import Exchange, Manner

PLUMBER = """<!doctype html><html lang="fr"><head><title>Plomberie Kervella &ndash; Dépannage à Rennes</title>
<meta name="Description" content="Plombier chauffagiste depuis 1982. Écrivez à contact@kervella.example ou au 06 12 34 56 78.">
<script>var secret = "motdescript motdescript motdescript motdescript";</script></head><body>
<nav><a href="/contact">Nous contacter</a><a href="https://www.facebook.com/plomberiekervella/">fb</a>
<a href="https://fr.linkedin.com/company/kervella?trk=x">in</a><a href="https://www.linkedin.com/in/anne-zzyzx">Anne</a>
<a href="https://www.facebook.com/sharer/sharer.php?u=x">partager</a><a href="http://[broken">x</a></nav>
<h1>Votre plombier à Rennes</h1>
<p>Dépannage plomberie et chauffage, installation de chaudières et de salles de bains. Notre équipe de plombiers
intervient à Rennes et alentours, tous les jours. Chaudières à condensation, entretien de chaudières, pompes à chaleur.
Demandez Anne Zzyzx ou M. Zzyzx, au 02 99 00 00 00.</p><footer>Mentions légales</footer></body></html>"""  # noqa: E501

SHOP = """<html><head><title>Savons &amp; Cie</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": ["Thing", "Product"]}]}</script>
<script type="application/ld+json">not json</script></head><body><p>Des savons faits main, et rien que des savons.</p>
</body></html>"""  # noqa: E501

SHELL = """<html><head><title>App</title></head><body><noscript>You need to enable JavaScript to run this app, please do
so now.</noscript><div id="root"></div><script src="/static/js/main.js"></script></body></html>"""


def html(text: str, media: str = "text/html; charset=utf-8", encoding: str = "utf-8") -> Manner:
    return lambda exchange: exchange.send(200, text.encode(encoding), media)


def gzipped(size: int) -> Manner:
    """A little content that becomes a lot."""
    content = gzip.compress(b" " * size)
    return lambda exchange: exchange.send(200, content, "text/html", Content_Encoding="gzip")


def moved(location: str) -> Manner:
    return lambda exchange: exchange.send(302, b"", "text/html", Location=location)


def endless(exchange: Exchange) -> None:
    """A page that says no length and does not end by itself."""
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Type", "text/html")
    exchange.handler.end_headers()
    exchange.handler.close_connection = True
    for _ in range(1_000):
        exchange.handler.wfile.write(b"<p>encore</p>" * 10_000)


def trickle(part: str, times: int = 100) -> Manner:
    """Send a byte now and then, in the head or in the body: no single wait is long."""

    def send(exchange: Exchange) -> None:
        write = exchange.handler.wfile.write
        write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + (b"X-Slow: " if part == "head" else b"\r\n"))
        exchange.handler.close_connection = True
        for _ in range(times):
            write(b"x")
            time.sleep(0.1)

    return send


class Sites:
    """What stands at each path; ``robots.txt`` among them, and not there unless it is put there."""

    def __init__(self, **pages: Manner) -> None:
        self.pages: dict[str, Manner] = {f"/{name}": page for name, page in pages.items()}

    def __call__(self, exchange: Exchange) -> None:
        path = exchange.request.path.partition("?")[0]
        page = self.pages.get(path)
        if page is None:
            exchange.send(404, b"", "text/plain")
        else:
            page(exchange)
