"""Writes the module that every model shares, and what the generator must know of it: python3 export_choose.py [FOLDER]"""
import argparse
from pathlib import Path

from choose import CONFIDENCE_TOP_K, CONTROL_COLUMNS, STATS_COLUMNS, scripted_choose
from export import write_json
from paged import CONTRACT

RESOURCES = Path(__file__).parent.parent / "generator-service/src/main/resources/io/edistream/generator/torch"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=RESOURCES)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    scripted_choose().save(str(folder / "choose.pt"))
    write_json(folder / "choose.json", {
        "contract": CONTRACT,
        "control_columns": list(CONTROL_COLUMNS),
        "stats_columns": list(STATS_COLUMNS),
        "confidence_top_k": CONFIDENCE_TOP_K,
    })
    print(folder / "choose.pt", (folder / "choose.pt").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
