"""Cards hold what papers and stored files say, and say where nothing is on file."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.errors import UserError
from benchmarks.reporting.cards.models import network_rows
from benchmarks.reporting.cards.write import all_cards, write_cards
from benchmarks.reporting.tables.write import write_tables

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def cards() -> dict[str, str]:
    """The cards of this repository as it stands."""
    return all_cards(ROOT)


@pytest.fixture
def repository(made_up) -> Path:
    """The made-up repository with tables, on real images as far as its parameters say, and a submission."""
    parameters = (made_up / "params.yaml").read_text()
    (made_up / "params.yaml").write_text(parameters.replace("phantom", "busi"))
    for path in ("docs/networks.md", "reports/networks.csv"):
        (made_up / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, made_up / path)
    folder = made_up / "reports/cases/made-up"
    cases = pd.read_csv(folder / "shared.csv").query("selection == 'inner_validation' and seed == 0")
    cases.assign(selection="external", epoch=pd.NA).to_csv(folder / "external_theirs.csv", index=False)
    write_tables("made-up", made_up, made_up / "reports")
    return made_up


def test_a_card_for_every_dataset_and_every_model(cards):
    datasets = {path.removeprefix("datasets/") for path in cards if path.startswith("datasets/")}
    assert datasets == {
        f"{name}.md" for name in ("busi", "busbra", "busbra-500", "breast", "busuclm", "udiat", "phantom")
    }
    assert {"models/acsnet.md", "models/unet.md", "models/resnet18.md", "README.md"} <= set(cards)


@pytest.mark.parametrize(
    ("dataset", "lines"),
    [
        # Al-Dhabyani et al. 2020; Pawlowska et al. 2023: 346 images in 153 groups, 19 with two classes, 7 needles.
        ("busi", ["| benign | 437 | 437 |", "| malignant | 210 | 210 |", "| normal | 133 | 133 |", "798 masks",
                  "346 images form 153 clusters", "193 are redundant. With the images that stand alone: 587 clusters",
                  "348 images form 151 clusters", "197 are redundant. With the images that stand alone: 583 groups",
                  "| axilla | 70 |", "| multiclass | 19 |",
                  "| needle | 7 |", "| busi-small | grouped_stratified, 3 folds | 437 | 210 | 0 | 492 |"]),
        # Gomez-Flores et al. 2024.
        ("busbra", ["| benign | 1268 |", "| malignant | 607 |", "1064 groups", "bus_0856-l" , "ba3e6ed19cc37c68"]),
        # The same archive's table, of the patients up to 500.
        ("busbra-500", ["| benign | 619 |", "| malignant | 325 |", "500 groups", "ba3e6ed19cc37c68",
                        "The networks of busi-medium, busi-light, trained on another dataset, are tested",
                        "BI-RADS category"]),
        # Pawlowska et al. 2024.
        ("breast", ["| benign | 154 |", "| malignant | 98 |", "| normal | 4 |", "256 groups", "CC BY 4.0"]),
        # Vallez et al. 2025; two of its 38 patients share images.
        ("busuclm", ["| benign | 174 |", "| malignant | 90 |", "| normal | 419 |", "37 groups"]),
        # Yap et al. 2018.
        ("udiat", ["| benign | 110 |", "| malignant | 53 |", "163 groups", "not downloaded"]),
        ("phantom", ["| benign | 96 |", "150 groups", "Generated; nothing is downloaded."]),
    ],
)  # fmt: skip
def test_facts_of_a_dataset_are_those_of_its_paper(cards, dataset, lines):
    card = cards[f"datasets/{dataset}.md"]
    missing = [line for line in lines if line not in card and line not in reader(dataset)]
    assert missing == []


def reader(dataset: str) -> str:
    """BUS-BRA's wrong heights are named in its reader's code."""
    return (ROOT / "benchmarks" / "datasets" / f"{dataset}.py").read_text() if dataset == "busbra" else ""


def test_every_link_leads_to_a_file_of_the_repository_or_another_card(cards):
    broken = []
    for path, text in cards.items():
        folder = (ROOT / "reports" / "cards" / path).parent
        for target in re.findall(r"\]\(([^)]+)\)", text):
            linked = (folder / target).resolve()
            card = linked.is_relative_to(ROOT / "reports/cards")
            known = linked.relative_to(ROOT / "reports/cards").as_posix() in cards if card else linked.exists()
            broken += [] if known else [f"{path}: {target}"]
    assert broken == []


def test_the_paper_s_network_has_its_citation_licence_and_size(cards):
    card = cards["models/acsnet.md"]
    assert "Computers in Biology and Medicine 173 (2024) 108319" in card
    assert "| Licence of the reference | MIT |" in card
    assert "| Trainable parameters | 31,824,945 |" in card
    assert "Not for clinical use" in card


def test_results_are_the_stored_ones_with_subgroups_calibration_and_failures(repository):
    card = all_cards(repository)["models/acsnet.md"]
    cases = pd.read_csv(repository / "reports/cases/made-up/acsnet.csv").query("selection == 'inner_validation'")
    assert f"| Dice ↑ | {cases['dice'].mean():.3f} [" in card
    error = (cases["probability"] - cases["label"]) ** 2
    assert f"| Brier ↓ | {error.mean():.3f} [" in card
    for class_name, rows in cases.groupby("class"):
        assert f"| class: {class_name} | Dice | {rows['dice'].mean():.3f} [" in card
    malignant = cases[cases["label"] == 1]
    assert f"Empty predictions {cases['empty'].sum()} of 72; " in card
    assert f"Malignant called benign {(malignant['probability'] <= 0.5).sum()} of {len(malignant)}; " in card
    assert "| Runs | 6 |" in card
    assert "| Encoder weights | none |" in card
    assert "made-up-released" not in card  # it has no tables


def test_what_is_not_on_file_is_said_to_be_so(repository):
    """A submission has no network; a new model none that was measured; a dataset without results no numbers."""
    parameters = (repository / "params.yaml").read_text()
    entry = '  newcomer: {network: "baselines.newcomer:Newcomer"}\nrecipes:'
    (repository / "params.yaml").write_text(parameters.replace("recipes:", entry))
    cards = all_cards(repository)
    assert (
        "Network, authors, licence, training and the choice\nof its epochs: not on file."
        in cards["models/external_theirs.md"]
    )
    assert "| Dice ↑ | 0." in cards["models/external_theirs.md"]
    assert "What was run, on what and with which versions: not on file." in cards["models/external_theirs.md"]
    assert "| Citation, licence, fidelity, cost | not on file: " in cards["models/newcomer.md"]
    assert "It has no results on real images on file." in cards["models/newcomer.md"]


def test_results_on_generated_images_stand_on_no_card(repository):
    parameters = (repository / "params.yaml").read_text()
    (repository / "params.yaml").write_text(parameters.replace("busi", "phantom"))
    cards = all_cards(repository)
    assert "models/external_theirs.md" not in cards
    assert "It has no results on real images on file." in cards["models/acsnet.md"]


def test_cards_are_the_same_each_time_and_those_of_the_gone_are_removed(repository, tmp_path):
    write_cards(repository, tmp_path / "cards")
    first = {path.name: path.read_bytes() for path in (tmp_path / "cards").rglob("*.md")}
    (tmp_path / "cards/models/gone.md").write_text("gone")
    assert write_cards(repository, tmp_path / "cards") == len(first)
    assert {path.name: path.read_bytes() for path in (tmp_path / "cards").rglob("*.md")} == first


def test_missing_sources_say_how_to_make_them(repository):
    (repository / "docs/networks.md").write_text("# Networks\n")
    with pytest.raises(UserError, match=r"networks.md: expected a table(.|\n)*acsbench networks"):
        network_rows(repository)
    (repository / "reports/networks.csv").unlink()
    with pytest.raises(UserError, match=r"networks.csv: not found"):
        network_rows(repository)
