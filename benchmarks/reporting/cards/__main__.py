"""A card for every dataset and every model: `python -m benchmarks.reporting.cards [folder]`, else `reports/cards`."""

import argparse
from pathlib import Path

from benchmarks.errors import entry_point
from benchmarks.reporting.cards.write import CARDS, write_cards


@entry_point
def main() -> None:
    parser = argparse.ArgumentParser(description="Write a card for every dataset and every model.")
    parser.add_argument("folder", nargs="?", type=Path, default=CARDS)
    arguments = parser.parse_args()
    print(f"{arguments.folder}: {write_cards(Path(), arguments.folder)} cards.")


if __name__ == "__main__":
    main()
