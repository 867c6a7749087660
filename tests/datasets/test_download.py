"""Downloads from a host on this machine that can resume, break off, lie, or be absent."""

import errno
import hashlib
import io
import os
import re
import socket
import threading
import zipfile
import zlib
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from benchmarks.datasets import download as module
from benchmarks.datasets import find_dataset, manifest
from benchmarks.datasets.dataset import Case, Dataset, SourceFile
from benchmarks.datasets.download import download
from benchmarks.datasets.files import UNAVAILABLE
from benchmarks.datasets.manifest import extra_files, pixel_sha256, read_entry, read_manifest
from benchmarks.datasets.prepare import prepare_dataset
from benchmarks.datasets.problems import collected
from benchmarks.errors import UserError

IMAGES = {
    f"set/benign ({number}).png": np.arange(number, 63 + number, dtype=np.uint8).reshape(9, 7) for number in (1, 2, 3)
}


class Host(ThreadingHTTPServer):
    """Serves `files`; breaks off after `break_after` bytes once; with `resumes` answers range requests."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.break_after: int | None = None
        self.breaks = 1  # how often it breaks off
        self.etag: str | None = None
        self.resumes = True
        self.asked: list[tuple[str, str | None]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        host = self.server
        wanted = self.headers.get("Range")
        host.asked.append((self.path, wanted))
        content = host.files.get(unquote(self.path))
        if content is None:
            return self.send_error(404)
        same = self.headers.get("If-Range") in (None, host.etag)
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and host.resumes and same else 0
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if host.etag:
            self.send_header("ETag", host.etag)
        self.end_headers()
        if host.break_after is not None:
            self.wfile.write(content[start : start + host.break_after])
            host.breaks -= 1
            if not host.breaks:
                host.break_after = None
            return self.connection.shutdown(socket.SHUT_RDWR)
        self.wfile.write(content[start:])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def host():
    with Host() as host:
        threading.Thread(target=host.serve_forever, args=(0.01,), daemon=True).start()
        yield host
        host.shutdown()


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    """Archives go to a folder of the test's own, and no setting of the user interferes."""
    monkeypatch.setattr(module.pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.setattr(module, "BLOCK", 64)
    monkeypatch.delenv("BUS_DATA_MIRROR", raising=False)


def png(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "png")
    return buffer.getvalue()


def archive_of(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)  # undated: the same bytes at every import
    return buffer.getvalue()


ARCHIVE = archive_of({path: png(image) for path, image in IMAGES.items()})


def read_tiny(folder, problems):
    problems += extra_files(folder, set(IMAGES))
    for path, entry in read_manifest("tiny").items():
        with collected(problems):
            image = read_entry(folder, entry)
            yield Case(path, "benign", path, image, (np.eye(9, 7, dtype=bool),))


@pytest.fixture
def tiny(monkeypatch, tmp_path) -> Dataset:
    """A dataset of three images with a manifest."""
    monkeypatch.setattr(manifest, "FOLDER", tmp_path)
    lines = ["path,width,height,kind,pixel_sha256"]
    lines += [f"{path},7,9,image,{pixel_sha256(image)}" for path, image in IMAGES.items()]
    (tmp_path / "tiny.csv").write_text("\n".join(lines) + "\n")
    counts = {"benign": 3, "malignant": 0, "normal": 0}
    return Dataset("tiny", "Tiny", "", "", "a page", counts, 3, read_tiny, manifest="tiny")


def with_source(dataset: Dataset, *urls: str, sha256: str | None = hashlib.sha256(ARCHIVE).hexdigest()) -> Dataset:
    return replace(dataset, sources=(SourceFile("tiny.zip", urls, sha256),))


def assert_whole(folder):
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")} == set(IMAGES)


def test_download_and_keep(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    dataset = with_source(tiny, f"{host.address}/tiny.zip")
    download(dataset, tmp_path / "out")
    assert_whole(tmp_path / "out")
    assert not list((tmp_path / "cache").rglob("*.zip"))
    download(dataset, tmp_path / "out")
    assert len(host.asked) == 1  # what is whole is not asked for again


def test_a_damaged_file_is_fetched_again(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    dataset = with_source(tiny, f"{host.address}/tiny.zip")
    download(dataset, tmp_path / "out")
    (tmp_path / "out/set/benign (2).png").write_bytes(b"")
    (tmp_path / "out/set/benign (3).png.part").write_bytes(b"left by a kill")
    download(dataset, tmp_path / "out")
    assert_whole(tmp_path / "out")


def test_an_interrupted_download_goes_on(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    host.break_after = 150
    download(with_source(tiny, f"{host.address}/tiny.zip"), tmp_path / "out")
    assert_whole(tmp_path / "out")
    assert host.asked == [("/tiny.zip", None), ("/tiny.zip", "bytes=128-")]


def test_a_killed_download_goes_on(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    begin(f"{host.address}/tiny.zip", tmp_path, ARCHIVE[:150])
    download(with_source(tiny, f"{host.address}/tiny.zip"), tmp_path / "out")
    assert_whole(tmp_path / "out")
    assert host.asked == [("/tiny.zip", "bytes=150-")]


def begin(url: str, tmp_path: Path, content: bytes) -> Path:
    """Leave what a killed download from this address leaves."""
    part = module.part_of(url, "tiny.zip", tmp_path / "cache/acsnet-benchmark/tiny")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(content)
    return part


def test_a_part_is_not_gone_on_with_from_another_address(host, tiny, tmp_path):
    """The published file began, a mirror of the same name is asked next: spliced, they would be no archive."""
    host.files["/second/tiny.zip"] = ARCHIVE
    begin(f"{host.address}/first/tiny.zip", tmp_path, archive_of({"other": b"x" * 150})[:120])
    download(with_source(tiny, f"{host.address}/second/tiny.zip", sha256=None), tmp_path / "out")
    assert_whole(tmp_path / "out")
    assert host.asked == [("/second/tiny.zip", None)]


@pytest.mark.parametrize("sha256", [None, hashlib.sha256(ARCHIVE).hexdigest()], ids=["unknown", "known"])
def test_a_file_that_has_changed_at_its_address_is_fetched_anew(host, tiny, tmp_path, sha256):
    dataset = with_source(tiny, f"{host.address}/tiny.zip", sha256=sha256)
    host.files["/tiny.zip"], host.etag = archive_of({"old": b"x" * 200}), '"old"'
    host.break_after, host.breaks = 100, module.ATTEMPTS
    with pytest.raises(UserError, match="could not be downloaded"):
        download(dataset, tmp_path / "out")
    host.files["/tiny.zip"], host.etag = ARCHIVE, '"new"'
    download(dataset, tmp_path / "out")
    assert_whole(tmp_path / "out")
    assert not list((tmp_path / "cache").rglob("tiny.zip*"))


@pytest.mark.parametrize("sha256", [None, hashlib.sha256(ARCHIVE).hexdigest()], ids=["unknown", "known"])
def test_a_wrong_part_costs_no_second_try_of_the_user(host, tiny, tmp_path, sha256):
    """Of a host that marks no version: what is spliced is found by its checksum, and fetched anew at once."""
    host.files["/tiny.zip"] = ARCHIVE
    begin(f"{host.address}/tiny.zip", tmp_path, b"x" * 150)
    download(with_source(tiny, f"{host.address}/tiny.zip", sha256=sha256), tmp_path / "out")
    assert_whole(tmp_path / "out")


def test_a_part_that_is_longer_than_the_file(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    begin(f"{host.address}/tiny.zip", tmp_path, ARCHIVE + b"x")
    download(with_source(tiny, f"{host.address}/tiny.zip"), tmp_path / "out")
    assert_whole(tmp_path / "out")


@pytest.mark.parametrize("blocked", ["file in its place", "read-only", "full"])
def test_a_cache_that_cannot_be_written(host, tiny, tmp_path, monkeypatch, blocked):
    host.files["/tiny.zip"] = ARCHIVE
    if blocked == "file in its place":
        (tmp_path / "cache").write_bytes(b"")
    else:
        number = errno.EROFS if blocked == "read-only" else errno.ENOSPC
        monkeypatch.setattr(module.tempfile, "TemporaryFile", raising(OSError(number, os.strerror(number))))
    assert not module.download_or_note(with_source(tiny, f"{host.address}/tiny.zip"), tmp_path / "out")
    note = (tmp_path / "out" / UNAVAILABLE).read_text(encoding="utf-8")
    assert re.match(r"tiny: .*cache/acsnet-benchmark/tiny: expected a folder that can be written.*XDG_CACHE_HOME", note)


def raising(error: Exception):
    def fail(*arguments, **keywords):
        raise error

    return fail


@pytest.mark.parametrize("where", ["unpack", "fetch_source", "verify"])
@pytest.mark.parametrize(
    "error", [zlib.error("Error -3"), OSError(errno.ENOSPC, "No space left on device"), KeyError("x")]
)
def test_whatever_fails_is_noted_and_the_others_go_on(host, tiny, tmp_path, monkeypatch, capsys, where, error):
    host.files["/tiny.zip"] = ARCHIVE
    monkeypatch.setattr(module, where, raising(error))
    assert not module.download_or_note(with_source(tiny, f"{host.address}/tiny.zip"), tmp_path / "out")
    assert "Going on without tiny" in capsys.readouterr().err
    assert (tmp_path / "out" / UNAVAILABLE).read_text(encoding="utf-8").startswith("tiny: ")


def test_a_damaged_stream_in_an_archive(host, tiny, tmp_path):
    """Its directory is whole; only reading a member to its end shows the damage."""
    content = bytearray(archive_of({path: png(image) for path, image in IMAGES.items()}, zipfile.ZIP_DEFLATED))
    start = content.index(b"benign (2).png") + len("benign (2).png")
    content[start : start + 30] = bytes(byte ^ 0xFF for byte in content[start : start + 30])
    host.files["/tiny.zip"] = bytes(content)
    with pytest.raises(UserError, match=r"tiny.zip: expected a whole zip archive \(.*download it again"):
        download(with_source(tiny, f"{host.address}/tiny.zip", sha256=None), tmp_path / "out")


def test_a_mirror_of_links(monkeypatch, tiny, tmp_path):
    """Without a manifest, as with one: links to files, to folders, and of the dataset's own folder are followed."""
    tiny = replace(tiny, manifest=None)
    for path, image in IMAGES.items():
        target = tmp_path / "store" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(png(image))
    mirror = tmp_path / "mirror"
    monkeypatch.setenv("BUS_DATA_MIRROR", str(mirror))
    mirror.mkdir()
    (mirror / "tiny").symlink_to(tmp_path / "store")
    download(tiny, tmp_path / "one")
    (mirror / "tiny").unlink()
    (mirror / "tiny").mkdir()
    (mirror / "tiny/set").symlink_to(tmp_path / "store/set")
    download(tiny, tmp_path / "two")
    (mirror / "tiny/set").unlink()
    (mirror / "tiny/set").mkdir()
    for path in IMAGES:
        (mirror / "tiny" / path).symlink_to(tmp_path / "store" / path)
    download(tiny, tmp_path / "three")
    for name in ("one", "two", "three"):
        assert_whole(tmp_path / name)
        assert not any(path.is_symlink() for path in (tmp_path / name).rglob("*"))
    (mirror / "tiny/set/round").symlink_to(mirror / "tiny")
    with pytest.raises(UserError, match="set/round: a link to a folder that holds it"):
        download(tiny, tmp_path / "four")
    (mirror / "tiny/set/round").unlink()
    (tmp_path / "store/set/benign (2).png").unlink()
    with pytest.raises(UserError, match=r"benign \(2\).png: a link to .*, which is not there"):
        download(tiny, tmp_path / "five")


def test_a_host_that_cannot_resume(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    host.resumes = False
    host.break_after = 100
    download(with_source(tiny, f"{host.address}/tiny.zip"), tmp_path / "out")
    assert_whole(tmp_path / "out")


def test_the_second_source_where_the_first_fails(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    host.files["/form"] = b"<html>sign here</html>"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}/tiny.zip"
        urls = (closed, f"{host.address}/absent", f"{host.address}/form", f"{host.address}/tiny.zip")
        download(with_source(tiny, *urls), tmp_path / "out")
    assert_whole(tmp_path / "out")


def test_a_wrong_checksum(host, tiny, tmp_path):
    host.files["/tiny.zip"] = ARCHIVE
    with pytest.raises(UserError, match=r"(?s)tiny: tiny.zip could not be downloaded.*hash.*a page.*BUS_DATA_MIRROR"):
        download(with_source(tiny, f"{host.address}/tiny.zip", sha256="0" * 64), tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.png"))
    assert not list((tmp_path / "cache").rglob("*.part"))  # nothing wrong is gone on with


def test_no_source_answers(host, tiny, tmp_path):
    with pytest.raises(UserError, match=r"(?s)could not be downloaded.*404"):
        download(with_source(tiny, f"{host.address}/absent"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_archive_that_climbs_out(host, tiny, tmp_path):
    evil = archive_of({"../evil.png": b"1"})
    host.files["/tiny.zip"] = evil
    with pytest.raises(UserError, match="outside the folder"):
        download(with_source(tiny, f"{host.address}/tiny.zip", sha256=None), tmp_path / "out")
    assert not (tmp_path / "evil.png").exists()


def test_an_archive_of_other_images(host, tiny, tmp_path):
    host.files["/tiny.zip"] = archive_of({**{path: png(image + 1) for path, image in IMAGES.items()}, "set/x.png": b""})
    with pytest.raises(UserError) as error:
        download(with_source(tiny, f"{host.address}/tiny.zip", sha256=None), tmp_path / "out")
    assert "4 problems" in str(error.value)
    assert "set/x.png: not part of the dataset" in str(error.value)


def test_a_mirror_folder(monkeypatch, tiny, tmp_path):
    for path, image in IMAGES.items():
        target = tmp_path / "mirror/tiny" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(png(image))
    (tmp_path / "mirror/tiny/notes.txt").write_text("of the mirror alone")
    monkeypatch.setenv("BUS_DATA_MIRROR", str(tmp_path / "mirror"))
    download(tiny, tmp_path / "out")
    assert_whole(tmp_path / "out")
    (tmp_path / "mirror/tiny/set/benign (2).png").unlink()
    with pytest.raises(UserError, match=r"benign \(2\).png: missing; expected image of 7 x 9 px"):
        download(tiny, tmp_path / "second")


def test_a_mirror_address(monkeypatch, host, tiny, tmp_path):
    host.files = {f"/data/tiny/{path}": png(image) for path, image in IMAGES.items()}
    monkeypatch.setenv("BUS_DATA_MIRROR", f"{host.address}/data/")
    download(tiny, tmp_path / "out")
    assert_whole(tmp_path / "out")
    (tmp_path / "out/set/benign (2).png").unlink()
    host.asked.clear()
    download(tiny, tmp_path / "out")
    assert [unquote(path) for path, _ in host.asked] == ["/data/tiny/set/benign (2).png"]
    del host.files["/data/tiny/set/benign (1).png"]
    with pytest.raises(UserError, match=r"(?s)1 of 3 files.*benign \(1\)"):
        download(tiny, tmp_path / "second")


def test_a_mirror_address_serves_archives_where_there_is_no_manifest(monkeypatch, host, tiny, tmp_path):
    host.files["/tiny/tiny.zip"] = ARCHIVE
    monkeypatch.setenv("BUS_DATA_MIRROR", host.address)
    download(replace(with_source(tiny, "http://absent.invalid/"), manifest=None), tmp_path / "out")
    assert_whole(tmp_path / "out")


def test_a_mirror_that_lacks_the_dataset(monkeypatch, tmp_path):
    monkeypatch.setenv("BUS_DATA_MIRROR", str(tmp_path))
    for name in ("busi", "busbra", "busuclm"):
        with pytest.raises(UserError, match=rf"{name}: expected the folder .*{name} in the mirror"):
            download(find_dataset(name), tmp_path / "out" / name)


def test_the_sample_needs_a_mirror(tmp_path):
    with pytest.raises(UserError, match="not published on its own; set BUS_DATA_MIRROR"):
        download(find_dataset("busbra-sample"), tmp_path / "out")


def test_the_sample_from_the_mirror(monkeypatch, mirror, tmp_path):
    monkeypatch.setenv("BUS_DATA_MIRROR", str(mirror))
    download(find_dataset("busbra-sample"), tmp_path / "out")
    assert len(list((tmp_path / "out/BUSBRA/Images").glob("*.png"))) == 63


def test_an_unknown_dataset():
    with pytest.raises(
        UserError, match=r"no dataset is called 'busy'\. Did you mean 'busi'\? Known: busi, .*, phantom"
    ):
        module.download_dataset("busy")


def test_a_dataset_that_cannot_be_had_stops_only_what_depends_on_it(tmp_path, monkeypatch, capsys):
    """The reason waits where the files would be, and `prepare` gives it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UDIAT_FOLDER", raising=False)
    udiat = find_dataset("udiat")
    assert not module.download_or_note(udiat, tmp_path / "data" / "udiat")
    assert "signed agreement" in capsys.readouterr().err
    with pytest.raises(UserError) as refused:
        prepare_dataset("udiat")
    assert str(refused.value).startswith("udiat: its owners ask for a signed agreement")
    assert "Then `acsbench download udiat`" in str(refused.value)
