#!/usr/bin/env python3
"""Writes ../dashboards: `python3 ops/grafana/source/generate.py [FOLDER]`. The same bytes every time; a test compares."""

import json
import sys
from pathlib import Path

import city
import document
import integrity
import operations
import review
import unit

PAGES = {"city": city, "unit": unit, "document": document, "review": review, "operations": operations, "integrity": integrity}


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "dashboards"
    for name, page in PAGES.items():
        text = json.dumps(page.DASHBOARD, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
