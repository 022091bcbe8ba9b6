"""Checks a ledger's transparency log, or an evidence bundle, with tlog-scales and nothing of this project.

    scales.py tiles  DIR KEY… --records FILE [--older FILE…] [--cosignatures N]
    scales.py bundle DIR KEY… [--cosignatures N]

The first key is the log's. It prints one line. Its exit status is 0 when everything holds, and 1 with what does not.
"""
import argparse, sys
from pathlib import Path

from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof
from tlog_scales.utils import b64dec

# It is slow: of a long log every so many-th record is proven.
PROVEN_MAX = 2_000


class Wrong(Exception):
    """What does not hold."""


def opened(path, keys, cosignatures=0):
    """The checkpoint in a file, signed by the log, with no bad signature by a known key and enough good ones."""
    checkpoint = Checkpoint.from_text(path.read_text(encoding="utf-8"))
    if checkpoint.origin != keys[0].name:
        raise Wrong(f"{path.name}: a checkpoint of {checkpoint.origin}, not of {keys[0].name}")
    checkpoint.verify(keys[0])
    signed = [key for key in keys[1:] if any(map(key.match, checkpoint.signatures))]
    for key in signed:
        checkpoint.verify(key)
    if len(signed) < cosignatures:
        raise Wrong(f"{path.name}: {len(signed)} cosignatures, and {cosignatures} are asked for")
    return checkpoint


def grown(old, new, hashes):
    if old.size > new.size:
        raise Wrong(f"a checkpoint of size {old.size} above the top one of size {new.size}")
    ConsistencyProof(old.size, new.size, hashes).check(old.root_hash, new.root_hash)


def check_tiles(arguments):
    top = opened(arguments.dir / "checkpoint", arguments.keys, arguments.cosignatures)
    reader = TilesReader(LocalBackend(arguments.dir))
    reader.set_size(top.size)
    if reader.calculate_root_hash() != top.root_hash:
        raise Wrong("the tiles do not lead to the checkpoint's root")
    records = arguments.records.read_bytes().removesuffix(b"\n").split(b"\n")
    if len(records) != top.size:
        raise Wrong(f"the checkpoint covers {top.size} records, and {len(records)} are there")
    for index in range(0, top.size, 1 + top.size // PROVEN_MAX):
        reader.get_inclusion_proof(index, top.size).check(leaf_hash(records[index]), top.root_hash)
    for path in arguments.older:
        old = opened(path, arguments.keys)
        grown(old, top, reader.get_consistency_proof(old.size, top.size).node_hashes)
    return f"{top.size} records, and {len(arguments.older)} older checkpoints"


def check_bundle(arguments):
    paths = sorted((arguments.dir / "checkpoints").glob("*.note"), key=lambda path: list(map(int, path.stem.split("-"))))
    top = opened(paths[-1], arguments.keys, arguments.cosignatures)
    for path in paths:
        old, proof = opened(path, arguments.keys), path.parent / f"{path.stem.split('-')[0]}.consistency"
        if old.size != int(path.stem.split("-")[0]):
            raise Wrong(f"{path.name}: a checkpoint of size {old.size}")
        grown(old, top, [b64dec(line) for line in proof.read_text().splitlines()] if old.size < top.size else [])
    records = list((arguments.dir / "records").iterdir())
    for path in records:
        check_proof(path, arguments.dir / "proofs" / f"{path.stem}.tlog-proof", top, paths[-1].read_bytes())
    return f"{len(records)} records, and {len(paths)} checkpoints"


def check_proof(record, proof, top, note):
    head, _, signed = proof.read_bytes().partition(b"\n\n")
    lines = head.decode().split("\n")
    index = int(record.stem) - 1
    if lines[:2] != ["c2sp.org/tlog-proof@v1", f"index {index}"] or signed != note:
        raise Wrong(f"{proof.name}: not a proof of index {index} in the top checkpoint")
    InclusionProof(index, top.size, list(map(b64dec, lines[2:]))).check(leaf_hash(record.read_bytes()), top.root_hash)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["tiles", "bundle"])
    parser.add_argument("dir", type=Path)
    parser.add_argument("keys", type=Vkey.from_string, nargs="+")
    parser.add_argument("--records", type=Path)
    parser.add_argument("--older", type=Path, action="append", default=[])
    parser.add_argument("--cosignatures", type=int, default=0)
    arguments = parser.parse_args()
    try:
        said = check_tiles(arguments) if arguments.what == "tiles" else check_bundle(arguments)
    except Exception as error:  # tlog-scales tells what it finds by exceptions of many kinds
        print(f"does not hold: {type(error).__name__}: {error}")
        return 1
    print(f"holds: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
