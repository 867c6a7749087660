"""Entering predictions from elsewhere: what fits is written and scored like any other, what does not is listed."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from benchmarks.errors import UserError
from benchmarks.image_files import read_mask as binary_mask
from benchmarks.reporting.files import write_texts
from benchmarks.reporting.results import read_results
from benchmarks.reporting.tables.write import main_files
from benchmarks.scoring.run_length import decode
from benchmarks.scoring.score import score_benchmark
from benchmarks.scoring.submit import submit


@pytest.fixture
def table(predictions) -> pd.DataFrame:
    """A good table of one seed, in no order, with masks on the grid."""
    chosen = predictions.query("selection == 'inner_validation' and seed == 2")
    return chosen[["probability", "mask", "width", "height", "case"]].sample(frac=1, random_state=0)


@pytest.fixture
def enter(root, tmp_path):
    """Submit a table after writing it to a file."""

    def run(table: pd.DataFrame, ending: str = "csv", **keywords):
        path = tmp_path / f"submitted.{ending}"
        table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)
        return submit("made", "my-network", path, root=root, **keywords)

    return run


@pytest.fixture
def folder(tmp_path, lesions):
    """Perfect masks of native size, as images."""
    path = tmp_path / "masks"
    path.mkdir()
    for number, (case, (union, _)) in enumerate(lesions.items()):
        levels = union.astype(np.uint8) * (1, 255)[number % 2]
        Image.fromarray(levels).convert(("L", "RGB")[number % 2]).save(path / f"{case}.png")
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_good_table_is_scored_like_any_other(root, enter, table, store, predictions, ending):
    path, _ = enter(table, ending)
    assert path == root / "reports/predictions/made/external_my-network.parquet"
    store(predictions)
    assert score_benchmark("made", root)["scored"] == ["external_my-network", "model"]
    external = pd.read_csv(root / "reports/cases/made/external_my-network.csv")
    model = pd.read_csv(root / "reports/cases/made/model.csv").query("selection == 'inner_validation' and seed == 2")
    assert set(external["selection"]) == {"external"}
    assert set(external["seed"]) == {0}
    assert external["epoch"].isna().all()
    same = external.columns.difference(["selection", "seed", "epoch"])
    pd.testing.assert_frame_equal(external[same], model[same].reset_index(drop=True))


def test_seeds_of_a_table(enter, table):
    _, predictions = enter(pd.concat([table.assign(seed=7), table.assign(seed=3)]))
    assert predictions["seed"].tolist() == [3] * 8 + [7] * 8
    assert predictions["case"][:8].tolist() == [f"case ({number})" for number in range(1, 9)]


def test_masks_as_images(root, enter, table, folder, lesions):
    _, predictions = enter(table[["case", "probability"]], masks=folder)
    for row in predictions.itertuples():
        assert (decode(row.mask, row.height, row.width) == lesions[row.case][0]).all()
    score_benchmark("made", root)
    cases = pd.read_csv(root / "reports/cases/made/external_my-network.csv")
    assert (cases["dice"] == 1).all()
    assert (cases["hd95"] == 0).all()


def test_a_network_with_one_head(enter, table):
    assert enter(table[["case", "probability"]])[1]["mask"].isna().all()
    assert enter(table.drop(columns="probability"))[1]["probability"].isna().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[1:], r"submitted.csv: these predictions do not fit made(.|\n)*1 of 8 cases missing"),
        (lambda table: pd.concat([table, table[:2]]), "2 of 8 cases doubled"),
        (lambda table: table.assign(case=table["case"] + "!"), r"8 of 8 cases not in made: case \(\d\)!"),
        (lambda table: table.assign(height=16, width=64), "8 masks are not 32 x 32 pixels or the image's native size"),
        (lambda table: table.assign(mask="1 2"), "8 masks cannot be read"),
        (lambda table: table.assign(probability=50), "8 rows whose probability is not a number in"),
        (lambda table: table[["case"]], "neither a probability nor a mask anywhere"),
        (lambda table: table.rename(columns={"probability": "score"}), "unknown: score"),
        (lambda table: table.drop(columns="case"), "case is missing"),
        (lambda table: table.drop(columns="height"), "needs the columns height and width"),
        (lambda table: table.assign(seed="first"), "column seed must hold whole numbers"),
        (lambda table: table.assign(seed=0.5), "column seed must hold whole numbers"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(root, enter, table, change, message):
    with pytest.raises(UserError, match=message):
        enter(change(table))
    assert not (root / "reports" / "predictions").exists()


def test_images_that_do_not_fit_are_listed(enter, table, folder):
    table = table[["case", "probability"]]
    (folder / "case (2).png").rename(folder / "case 2.png")
    with pytest.raises(UserError, match=r"1 of 8 cases missing: case \(2\)\n  1 files are of no case: case 2.png"):
        enter(table, masks=folder)
    Image.fromarray(np.arange(40 * 60, dtype=np.uint8).reshape(40, 60)).save(folder / "case (1).png")
    (folder / "case 2.png").unlink()
    (folder / "case (2).png").write_text("no image")
    with pytest.raises(UserError, match=r"case \(1\).png: expected a mask of two levels(.|\n)*case \(2\).png: "):
        enter(table, masks=folder)
    Image.new("L", (31, 33)).save(folder / "case (1).png")
    Image.new("L", (32, 32)).save(folder / "case (2).png")
    with pytest.raises(UserError, match=r"1 masks are not .*case \(1\) \(33 x 31\)"):
        enter(table, masks=folder)
    with pytest.raises(UserError, match=r"nowhere: not a folder"):
        enter(table, masks=folder / "nowhere")


@pytest.mark.parametrize("mode", ["1", "LA", "RGBA", "P", "I;16", "white with the lesion in alpha"])
def test_masks_in_any_mode_are_decoded_as_a_datasets_are(root, enter, table, folder, lesions, mode):
    for case, (union, _) in lesions.items():
        white = union.astype(np.uint8) * 255
        if mode == "I;16":
            image = Image.fromarray(union.astype(np.uint16))
        elif mode.startswith("white"):
            image = Image.fromarray(np.dstack([np.full_like(white, 255)] * 3 + [white]))
        else:
            image = Image.fromarray(white).convert(mode)
        image.save(folder / f"{case}.png")
    _, predictions = enter(table[["case"]], masks=folder)
    for row in predictions.itertuples():
        assert (decode(row.mask, row.height, row.width) == lesions[row.case][0]).all()
        assert (binary_mask(folder / f"{row.case}.png").lesion == lesions[row.case][0]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda mask: mask & False, "all 8 masks are empty"),
        (lambda mask: mask | True, "all 8 masks are full"),
        (lambda mask: ~mask, "8 of 8 masks are lesion along their image's border.*Are they inverted"),
    ],
)
def test_masks_that_are_hardly_meant_are_told(enter, table, folder, lesions, capsys, change, message):
    enter(table[["case"]], masks=folder)
    assert "warning" not in capsys.readouterr().err
    for case, (union, _) in lesions.items():
        Image.fromarray(change(union)).save(folder / f"{case}.png")
    enter(table[["case"]], masks=folder)
    assert re.search(f"warning: .*submitted.csv: {message}", capsys.readouterr().err)


def test_damaged_images_are_listed(enter, table, folder):
    """A checksum within the file is wrong, which PIL alone tells in a SyntaxError, or not at all."""
    for number, place in enumerate((b"IHDR", b"IDAT"), 1):
        content = bytearray((folder / f"case ({number}).png").read_bytes())
        content[content.index(place) + 5] ^= 1
        (folder / f"case ({number}).png").write_bytes(content)
    with pytest.raises(
        UserError, match=r"case \(1\).png: (not an image|truncated or damaged)(.|\n)*case \(2\).png: trunc"
    ):
        enter(table[["case"]], masks=folder)


def test_images_take_the_place_of_run_lengths(enter, table, folder):
    with pytest.raises(UserError, match="no column mask"):
        enter(table, masks=folder)
    bare = table[["case", "probability"]]
    with pytest.raises(UserError, match="a single seed"):
        enter(pd.concat([bare.assign(seed=0), bare.assign(seed=1)]), masks=folder)


@pytest.mark.parametrize("name", ["My Network", "../elsewhere", "", "a.b"])
def test_names_are_file_names(root, tmp_path, name):
    with pytest.raises(UserError, match="a name must be of lower-case letters"):
        submit("made", name, tmp_path / "table.csv", root=root)


def test_files_that_cannot_be_read(root, tmp_path):
    for file, message in (("table.xlsx", "ends in .csv or .parquet"), ("none.csv", "not a readable table")):
        with pytest.raises(UserError, match=message):
            submit("made", "network", tmp_path / file, root=root)
    (tmp_path / "bad.parquet").write_text("no table")
    with pytest.raises(UserError, match=r"bad.parquet: not a readable table"):
        submit("made", "network", tmp_path / "bad.parquet", root=root)


def test_from_a_table_to_the_comparison_and_out_again(root, enter, table, store, predictions):
    """Scored, compared under the benchmark's rule and seeds and called external; gone once its file is."""
    declared = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text())
    benchmark = declared["benchmarks"]["busi-small"] | {"image_size": 32}
    declared |= {"benchmarks": {"made": benchmark}, "studies": {}, "front_page": [], "reference": "model"}
    declared["models"]["model"] = declared["models"]["acsnet"] | {"label": "model"}
    (root / "params.yaml").write_text(yaml.safe_dump(declared))
    store(predictions)
    path, _ = enter(table.assign(seed=9))
    assert score_benchmark("made", root)["scored"] == ["external_my-network", "model"]
    results = read_results("made", root)
    write_texts(main_files(results, "inner_validation", "standard", "model"), root / "tables")
    main = pd.read_csv(root / "tables/main.csv").set_index("model")
    cases = pd.read_csv(root / "reports/cases/made/external_my-network.csv")
    assert main.loc["external_my-network", "dice"] == pytest.approx(cases["dice"].mean(), rel=1e-5)
    assert "external_my-network" in set(pd.read_csv(root / "tables/differences.csv")["model_a"])
    assert "whose epochs their authors selected: external_my-network." in (root / "tables/main.md").read_text()
    path.unlink()
    assert score_benchmark("made", root) == {"scored": [], "unchanged": ["model"], "removed": ["external_my-network"]}
    assert read_results("made", root).models == ["model"]
