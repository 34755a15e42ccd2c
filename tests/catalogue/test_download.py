"""A file comes whole, whatever the server does, or one message says why not."""

import datetime as dt
import errno
from pathlib import Path

import pytest

from lieudit.catalogue.official.download import download
from lieudit.errors import CatalogueError

CONTENT = bytes(range(256)) * 2_000
HEADERS = {"ETag": '"v1"', "Last_Modified": "Fri, 15 May 2026 08:00:00 GMT"}


def _get(server, tmp_path, name="file.zip", **more):
    return download(server.address(name), tmp_path / "downloads", wait=0.0, **more)


def test_a_file_comes_whole_with_its_date(server, tmp_path):
    server.answers = [server.sends(CONTENT, **HEADERS)]
    heard = []
    found = _get(server, tmp_path, heard=lambda there, total: heard.append((there, total)))
    assert found.path == tmp_path / "downloads" / "file.zip"
    assert found.path.read_bytes() == CONTENT
    assert found.updated == dt.date(2026, 5, 15)
    assert [path.name for path in found.path.parent.iterdir()] == ["file.zip"]
    assert heard[0] == (0, len(CONTENT))
    assert heard[-1] == (len(CONTENT), len(CONTENT))
    assert [there for there, _ in heard] == sorted(there for there, _ in heard)


def test_a_cut_is_resumed_where_it_was(server, tmp_path):
    server.answers = [server.sends(CONTENT, cut=100_000, **HEADERS), server.sends(CONTENT, **HEADERS)]
    assert _get(server, tmp_path).path.read_bytes() == CONTENT
    assert [request.get("Range") for request in server.requests] == [None, "bytes=100000-"]
    assert server.requests[1]["If-Range"] == '"v1"'


def test_a_later_run_resumes_too(server, tmp_path):
    server.answers = [server.sends(CONTENT, cut=50_000, **HEADERS), server.says(503)]
    with pytest.raises(CatalogueError, match="503"):
        _get(server, tmp_path)
    assert not (tmp_path / "downloads" / "file.zip").exists()
    server.answers, server.requests = [server.sends(CONTENT, **HEADERS)], []
    assert _get(server, tmp_path).path.read_bytes() == CONTENT
    assert server.requests[0]["Range"] == "bytes=50000-"


def test_a_file_that_changed_in_between_is_begun_again(server, tmp_path):
    newer = CONTENT[::-1]
    server.answers = [server.sends(CONTENT, cut=50_000, **HEADERS), server.sends(newer, ETag='"v2"')]
    assert _get(server, tmp_path).path.read_bytes() == newer


def test_a_file_of_another_length_is_begun_again_without_a_mark(server, tmp_path):
    newer = CONTENT[::-1] + b"more"
    server.answers = [server.sends(CONTENT, cut=50_000), server.sends(newer)]
    assert _get(server, tmp_path).path.read_bytes() == newer
    assert [request.get("Range") for request in server.requests] == [None, "bytes=50000-", None]


def test_a_server_that_cannot_resume_sends_all_again(server, tmp_path):
    server.answers = [server.sends(CONTENT, cut=50_000), server.sends(CONTENT, resumes=False)]
    assert _get(server, tmp_path).path.read_bytes() == CONTENT


def test_what_is_begun_of_another_address_is_not_used(server, tmp_path):
    server.answers = [server.sends(CONTENT, cut=50_000), server.says(404)]
    with pytest.raises(CatalogueError, match="404"):
        _get(server, tmp_path, "a/file.zip")
    server.answers, server.requests = [server.sends(CONTENT)], []
    _get(server, tmp_path, "b/file.zip")
    assert "Range" not in server.requests[0]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_refusal_that_passes_is_waited_out(server, tmp_path, status):
    server.answers = [server.says(status), server.says(status, Retry_After="0"), server.sends(CONTENT)]
    assert _get(server, tmp_path).path.read_bytes() == CONTENT


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (500, 4)])
def test_a_refusal_that_stays_is_told(server, tmp_path, status, tries):
    server.answers = [server.says(status)]
    with pytest.raises(CatalogueError, match=f"answers {status}.*--from"):
        _get(server, tmp_path)
    assert len(server.requests) == tries
    assert not (tmp_path / "downloads").exists()


def test_a_page_is_no_file(server, tmp_path):
    server.answers = [server.says(200, b"<!DOCTYPE html><p>Maintenance", Content_Type="text/html; charset=utf-8")]
    with pytest.raises(CatalogueError, match="a web page"):
        _get(server, tmp_path)
    assert not (tmp_path / "downloads").exists()


def test_a_connection_that_is_always_cut_is_told(server, tmp_path):
    server.answers = [server.sends(CONTENT, cut=10_000), server.sends(CONTENT, cut=0)]
    with pytest.raises(CatalogueError, match=r"cut after 10000 of 512000 bytes; the same command goes on"):
        _get(server, tmp_path)


def test_no_network_is_told(tmp_path, server):
    address = server.address("file.zip")
    server.close()
    with pytest.raises(CatalogueError, match=r"no connection.*--from"):
        download(address, tmp_path / "downloads", wait=0.0)
    assert not (tmp_path / "downloads").exists()


def test_an_address_that_is_none_is_told(tmp_path):
    with pytest.raises(CatalogueError, match="cannot be reached"):
        download("insee.fr/file.zip", tmp_path, wait=0.0)


def test_a_full_disk_is_told_and_freed(server, tmp_path, monkeypatch):
    server.answers = [server.sends(CONTENT)]
    opened = Path.open

    def full(self, mode="r", *arguments, **more):
        file = opened(self, mode, *arguments, **more)
        if self.name.endswith(".part"):

            def write(block):
                raise OSError(errno.ENOSPC, "No space left on device")

            file.write = write
        return file

    monkeypatch.setattr("lieudit.catalogue.official.download.Path.open", full)
    with pytest.raises(CatalogueError, match="No space left on device"):
        _get(server, tmp_path)
    assert not (tmp_path / "downloads").exists()
