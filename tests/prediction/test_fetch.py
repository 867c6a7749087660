"""Fetching weights from a folder, and from a host on this machine that can break off."""

import threading
from pathlib import Path

import pytest

from benchmarks.errors import UserError
from benchmarks.prediction.export import export
from benchmarks.prediction.fetch import get
from tests.datasets.test_download import Host

NAMES = ["seed0-fold0.safetensors", "seed0-fold1.safetensors"]


@pytest.fixture
def host():
    with Host() as host:
        threading.Thread(target=host.serve_forever, args=(0.01,), daemon=True).start()
        yield host
        host.shutdown()


@pytest.fixture
def source(trained, parameters) -> Path:
    export(parameters, "tiny", "toy", Path("theirs"), "float32")
    return Path("theirs/tiny/toy")


def arrived(out: str = "weights") -> list[str]:
    return sorted(path.name for path in Path(out, "tiny/toy").glob("*.safetensors"))


def test_from_a_folder(source, capsys):
    get(str(source), Path("weights"))
    assert arrived() == NAMES
    for name in [*NAMES, "SHA256SUMS"]:
        assert Path("weights/tiny/toy", name).read_bytes() == (source / name).read_bytes()
    assert "weights/tiny/toy: 2 networks, whole" in capsys.readouterr().out
    assert not Path("weights/.arriving").exists()


def test_from_the_mirror_that_the_environment_names(source, monkeypatch):
    Path("mirror").mkdir()
    Path("theirs").rename("mirror/weights")
    monkeypatch.setenv("BUS_DATA_MIRROR", "mirror")
    get("tiny/toy", Path("weights"))
    assert arrived() == NAMES


def serve(host, source: Path) -> str:
    host.files = {f"/toy/{path.name}": path.read_bytes() for path in source.iterdir()}
    return f"{host.address}/toy"


def test_from_an_address_what_is_there_is_kept(source, host):
    address = serve(host, source)
    get(address, Path("weights"))
    assert arrived() == NAMES
    host.asked.clear()
    Path("weights/tiny/toy", NAMES[0]).unlink()
    get(address + "/", Path("weights"))
    assert [path for path, _ in host.asked] == ["/toy/SHA256SUMS", f"/toy/{NAMES[0]}"]


def test_a_download_that_breaks_off_goes_on(source, host, monkeypatch):
    monkeypatch.setattr("benchmarks.datasets.download.BLOCK", 100)  # bytes; the files are small
    address = serve(host, source)
    host.break_after, host.etag = 1000, '"1"'
    # the list of checksums is shorter than that, so that the first file is what breaks off
    host.breaks = 2
    get(address, Path("weights"))
    assert arrived() == NAMES
    assert (f"/toy/{NAMES[0]}", "bytes=1000-") in host.asked


def test_a_file_of_another_checksum_is_refused_by_name(source, host):
    content = (source / NAMES[1]).read_bytes()
    (source / NAMES[1]).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for where in (str(source), serve(host, source)):
        with pytest.raises(UserError, match=rf"{NAMES[1]}: could not be had whole"):
            get(where, Path("weights"))
    assert arrived() == [NAMES[0]]


def test_what_is_no_source_is_told(trained, host, monkeypatch):
    monkeypatch.delenv("BUS_DATA_MIRROR", raising=False)
    with pytest.raises(UserError, match="nowhere: expected a folder, an http"):
        get("nowhere", Path("weights"))
    with pytest.raises(UserError, match=r"SHA256SUMS: expected the checksums of weights.*404"):
        get(host.address, Path("weights"))
    Path("empty").mkdir()
    (Path("empty") / "SHA256SUMS").write_text("../../evil.safetensors", encoding="utf-8")
    with pytest.raises(UserError, match="SHA256SUMS: expected lines of a SHA-256"):
        get("empty", Path("weights"))
