"""Whether a bill of materials (CycloneDX) is whole: every crate that the binary is built from, as cargo sees it, is in
it, with the version, source and hash of Cargo.lock, and a licence. bill.py FILE"""

import json
import subprocess
import sys
import tomllib


def main(path):
    with open(path, encoding="utf-8") as file:
        bill = json.load(file)
    if bill.get("bomFormat") != "CycloneDX" or bill.get("specVersion") != "1.5":
        sys.exit(f"{path} is no CycloneDX 1.5")
    listed = {(part["name"], part["version"]): part for part in components(bill)}
    crates = built_from()
    missing = sorted(crates - listed.keys())
    if missing:
        sys.exit(f"{path} leaves out {missing}")
    hashes = locked()
    for crate in sorted(crates):
        part = listed[crate]
        said = {one["content"] for one in part.get("hashes", []) if one["alg"] == "SHA-256"}
        if crate in hashes and said != {hashes[crate]}:
            sys.exit(f"{path}: {crate} has the hash {said}, Cargo.lock {hashes[crate]}")
        if not part.get("licenses"):
            sys.exit(f"{path}: {crate} has no licence")
    print(f"{len(crates)} crates in the binary, {len(listed)} in the bill")


def components(bill):
    yield bill["metadata"]["component"]
    yield from bill["components"]


def built_from():
    """What cargo builds the binary from on this platform, tools of the build left out."""
    tree = subprocess.run(
        ["cargo", "tree", "--locked", "--offline", "--package", "socai", "--edges", "normal", "--prefix", "none", "--format", "{p}"],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = (line.split() for line in tree.stdout.splitlines() if line)
    return {(words[0], words[1].removeprefix("v")) for words in lines}


def locked():
    with open("Cargo.lock", "rb") as file:
        packages = tomllib.load(file)["package"]
    return {(one["name"], one["version"]): one["checksum"] for one in packages if "checksum" in one}


if __name__ == "__main__":
    main(sys.argv[1])
