"""One set of promises, kept by the directory and by S3 (moto's server in its own thread)."""

from __future__ import annotations

import logging
import socket
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import ObjectMissing, StorageError
from core.settings import S3Settings, load_settings
from core.storage import (
    DirectoryStorage,
    Storage,
    exports_of,
    grid_key,
    image_key,
    new_export_key,
    open_storage,
    preview_key,
)
from core.storage_s3 import S3Storage, make_bucket


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def s3_settings(endpoint_url: str, bucket: str = "pictures") -> S3Settings:
    return S3Settings(
        bucket=bucket, endpoint_url=endpoint_url, region="eu-central-1", access_key="key", secret_key="secret"
    )


@pytest.fixture(params=["directory", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "directory":
        return DirectoryStorage(tmp_path / "objects")
    settings = s3_settings(request.getfixturevalue("s3_endpoint"), bucket=f"b{abs(hash(tmp_path))}")
    make_bucket(settings)
    make_bucket(settings)
    return S3Storage(settings)


def test_what_is_put_is_got_and_replaced(storage: Storage) -> None:
    key = image_key("ABC123", 0)
    assert not storage.exists(key)
    storage.put(key, b"first", "image/png")
    storage.put(key, b"second", "image/png")
    assert storage.exists(key)
    assert storage.get(key) == b"second"


def test_a_file_is_put_as_its_bytes(storage: Storage, tmp_path: Path) -> None:
    key, path = new_export_key(12, "zip"), tmp_path / "archive.zip"
    path.write_bytes(b"many bytes")
    storage.put_file(key, path, "application/zip")
    assert storage.get(key) == b"many bytes"
    assert [found.key for found in storage.keys(exports_of(12))] == [key] and not [
        *storage.keys(exports_of(1))
    ]
    with pytest.raises(StorageError):
        storage.put_file(key, tmp_path / "no such file", "application/zip")


def test_a_missing_object_is_named(storage: Storage) -> None:
    with pytest.raises(ObjectMissing, match=r"jobs/nobody/0\.png"):
        storage.get("jobs/nobody/0.png")


def test_deleting_twice_is_harmless(storage: Storage) -> None:
    storage.put("jobs/a/0.png", b"x", "image/png")
    storage.delete("jobs/a/0.png")
    storage.delete("jobs/a/0.png")
    assert not storage.exists("jobs/a/0.png")


def test_the_listing_tells_key_size_and_age(storage: Storage) -> None:
    storage.put(image_key("a", 0), b"12345", "image/png")
    storage.put(preview_key("a"), b"1", "image/webp")
    storage.put(grid_key("b"), b"123", "image/png")
    found = {entry.key: entry for entry in storage.keys("jobs/a/")}
    assert {key: entry.size for key, entry in found.items()} == {"jobs/a/0.png": 5, "jobs/a/preview.webp": 1}
    age = datetime.now(UTC) - found["jobs/a/0.png"].modified
    assert abs(age) < timedelta(minutes=1)
    assert len(list(storage.keys())) == 3


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "jobs/../../x", "jobs//x", "jobs/.hidden", "a\\b", "a\0b", "é", "a/" * 400],
)
def test_a_key_can_not_name_anything_outside(storage: Storage, key: str) -> None:
    for act in (
        storage.get,
        storage.delete,
        storage.exists,
        lambda k: storage.put(k, b"", ""),
        lambda k: storage.url(k, 1),
    ):
        with pytest.raises(ValueError, match="no object key"):
            act(key)


def test_a_reader_never_meets_half_a_file(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    bodies = {bytes([value]) * 200_000 for value in range(4)}
    storage.put("jobs/a/preview.webp", next(iter(bodies)), "image/webp")
    done = threading.Event()

    def write() -> None:
        for _ in range(20):
            for body in bodies:
                storage.put("jobs/a/preview.webp", body, "image/webp")
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert storage.get("jobs/a/preview.webp") in bodies
    writer.join()
    assert [entry.key for entry in storage.keys("jobs/")] == ["jobs/a/preview.webp"]
    assert [path.name for path in (tmp_path / "jobs/a").iterdir()] == ["preview.webp"]


def test_tidying_removes_old_halves_and_empty_folders_and_no_object(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    storage.put("jobs/kept/0.png", b"x", "image/png")
    storage.put("jobs/emptied/0.png", b"x", "image/png")
    storage.delete("jobs/emptied/0.png")
    for half in (tmp_path / "jobs/kept/.writing-1", tmp_path / "jobs/crashed/.writing-2"):
        half.parent.mkdir(exist_ok=True)
        half.write_bytes(b"half")
    before = sorted(tmp_path.rglob("*"))
    storage.tidy(datetime.now(UTC) - timedelta(days=1))
    assert sorted(tmp_path.rglob("*")) == before
    storage.tidy(datetime.now(UTC) + timedelta(minutes=1))
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "jobs",
        "jobs/kept",
        "jobs/kept/0.png",
    ]


def test_foreign_objects_in_a_bucket_are_not_listed(s3_endpoint: str) -> None:
    """As the consoles of S3 make them to show a folder."""
    settings = s3_settings(s3_endpoint, bucket="shared")
    make_bucket(settings)
    storage = S3Storage(settings)
    storage.put("jobs/a/0.png", b"x", "image/png")
    for foreign in ("jobs/", "jobs/a folder/0.png"):
        storage._client.put_object(Bucket="shared", Key=foreign, Body=b"")
    assert [entry.key for entry in storage.keys("jobs/")] == ["jobs/a/0.png"]


def test_a_directory_that_can_not_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("a file where a directory should be")
    with pytest.raises(StorageError, match=r"jobs/a/0\.png"):
        DirectoryStorage(tmp_path).put("jobs/a/0.png", b"x", "image/png")


def test_s3_addresses_open_the_object(s3_endpoint: str) -> None:
    make_bucket(s3_settings(s3_endpoint))
    storage = S3Storage(s3_settings(s3_endpoint))
    storage.put("jobs/a/0.png", b"pixels", "image/png")
    address = storage.url("jobs/a/0.png", 60)
    assert address is not None
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"pixels"
        assert answer.headers["Content-Type"] == "image/png"


def test_a_missing_bucket_and_a_dead_server_are_storage_errors(s3_endpoint: str) -> None:
    with pytest.raises(StorageError, match="NoSuchBucket"):
        S3Storage(s3_settings(s3_endpoint, bucket="not-there")).put("jobs/a/0.png", b"x", "image/png")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(StorageError, match="EndpointConnectionError"):
        S3Storage(s3_settings(dead)).get("jobs/a/0.png")


def test_a_500_after_the_put_was_stored_is_tried_again(s3_endpoint: str) -> None:
    make_bucket(s3_settings(s3_endpoint))
    with FaultyProxy(s3_endpoint, answers_lost=2) as proxy:
        storage = S3Storage(s3_settings(proxy.url))
        storage.put("jobs/lost/0.png", b"pixels", "image/png")
    assert proxy.answers_lost == 0
    assert S3Storage(s3_settings(s3_endpoint)).get("jobs/lost/0.png") == b"pixels"


def test_settings_choose_the_store(tmp_path: Path) -> None:
    environment = {"ATELIER_DATA_DIR": str(tmp_path)}
    assert isinstance(open_storage(load_settings(environment)), DirectoryStorage)
    environment |= {"ATELIER_S3_BUCKET": "pictures"}
    assert isinstance(open_storage(load_settings(environment)), S3Storage)


class FaultyProxy:
    """Passes each request on, and answers 500 to the first few although they were carried out."""

    def __init__(self, target: str, answers_lost: int) -> None:
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        proxy = self
        self.answers_lost = answers_lost

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                request = urllib.request.Request(target + self.path, data, dict(self.headers), method="PUT")
                with urllib.request.urlopen(request) as answer:
                    status = answer.status
                if proxy.answers_lost:
                    proxy.answers_lost -= 1
                    status = 500
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """The test's own output is enough."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
