"""Every text is read and written in UTF-8, whatever the terminal's encoding is."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(file for folder in ("acsnet", "baselines", "benchmarks") for file in (ROOT / folder).rglob("*.py"))


def without_encoding(source: str) -> list[int]:
    """The lines of calls that open a text and leave its encoding to the terminal."""
    return [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and is_open(node)]


def is_open(call: ast.Call) -> bool:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in keywords:
        return False
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("read_text", "write_text"):
        return True
    if isinstance(call.func, ast.Name) and call.func.id == "open":
        mode = call.args[1] if len(call.args) > 1 else keywords.get("mode")
        return mode is None or "b" not in ast.unparse(mode)
    return isinstance(keywords.get("text"), ast.Constant) and keywords["text"].value is True


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("path.read_text()", True),
        ("path.write_text(text, newline='')", True),
        ("open(path)", True),
        ("open(path, 'w')", True),
        ("open(path, 'ab' if have else 'wb')", False),
        ("open(path, encoding='utf-8')", False),
        ("subprocess.run(command, text=True)", True),
        ("write_text(text, path)", False),
    ],
)
def test_what_is_found(source, found):
    assert bool(without_encoding(source)) == found


def test_every_text_is_in_utf8():
    found = {file.relative_to(ROOT): without_encoding(file.read_text(encoding="utf-8")) for file in FILES}
    assert not {file: lines for file, lines in found.items() if lines}


def test_a_command_where_the_terminal_knows_ascii_alone(tmp_path):
    """`params.yaml`, a dataset's names and its messages hold letters that ASCII lacks."""
    script = (
        "import json\nfrom pathlib import Path\nfrom benchmarks.errors import UserError, entry_point\n"
        "from benchmarks.configuration import read_parameters\nfrom benchmarks.datasets.files import read_csv\n"
        "@entry_point\ndef main():\n"
        f"    read_parameters(Path({str(ROOT / 'params.yaml')!r}))\n"
        "    row, = read_csv(Path('t.csv'), 't.csv', ('ID',))\n"
        "    print(row['ID'])\n"
        "    raise UserError(row['ID'])\n"
        "main()\n"
    )
    (tmp_path / "t.csv").write_text("ID\nlésion à 2\n", encoding="utf-8")
    environment = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True)
    assert (done.returncode, done.stdout) == (1, rb"l\xe9sion \xe0 2" + b"\n")
    assert done.stderr == rb"error: l\xe9sion \xe0 2" + b"\n"
