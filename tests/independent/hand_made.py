"""Makes a small evidence bundle by hand, after ops/formats/evidence-bundle.md, to try verifiers with.

Nothing of the project's is used: keys and signatures come from the openssl program, hashes from hashlib.
What is in the ledger is in `Ledger.records`; a test changes that, or a file of the bundle, before `write`.
"""
import base64, functools, hashlib, io, json, subprocess, sys, tempfile, zipfile

ORIGIN = "socai/thu"
DAY = 86_400
START = 1_704_067_200  # 2024-01-01T00:00:00Z


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def leaf_hash(leaf):
    return sha256(b"\0" + leaf)


def split(count):
    return 1 << ((count - 1).bit_length() - 1)


def root_of(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    at = split(len(leaves))
    return sha256(b"\1" + root_of(leaves[:at]) + root_of(leaves[at:]))


def inclusion(leaves, index):
    """RFC 6962, 2.1.1: PATH."""
    if len(leaves) < 2:
        return []
    at = split(len(leaves))
    if index < at:
        return inclusion(leaves[:at], index) + [root_of(leaves[at:])]
    return inclusion(leaves[at:], index - at) + [root_of(leaves[:at])]


def consistency(leaves, old, whole=True):
    """RFC 6962, 2.1.2: SUBPROOF."""
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    at = split(len(leaves))
    if old <= at:
        return consistency(leaves[:at], old, whole) + [root_of(leaves[at:])]
    return consistency(leaves[at:], old - at, False) + [root_of(leaves[:at])]


@functools.lru_cache(None)
def openssl(private, message, *arguments):
    """What the program answers, which is the same every time."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("key", private), ("message", message)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
        return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True).stdout


class Key:
    """An Ed25519 key of a log (kind 1) or a witness (kind 4), made from its name."""

    def __init__(self, name, kind, salt=b""):
        self.name, self.kind = name, kind
        self.private = bytes.fromhex("302e020100300506032b657004220420") + sha256(salt + name.encode())
        public = openssl(self.private, b"", "pkey", "-inform", "DER", "-pubout", "-outform", "DER", "-in", "key")
        self.public = public[-32:]
        self.ident = sha256(name.encode() + b"\n" + bytes([kind]) + self.public)[:4]
        self.text = f"{name}+{self.ident.hex()}+{b64(bytes([kind]) + self.public)}"

    def sign(self, message):
        return openssl(self.private, message, "pkeyutl", "-sign", "-inkey", "key", "-keyform", "DER", "-rawin", "-in", "message")

    def line(self, body, time=None):
        if self.kind == 1:
            blob = self.sign(body)
        else:
            blob = time.to_bytes(8, "big") + self.sign(b"cosignature/v1\ntime %d\n" % time + body)
        return f"\u2014 {self.name} {b64(self.ident + blob)}\n".encode()


class Ledger:
    """Records, one a leaf. The heads are sealed and the export is recorded at the end."""

    def __init__(self, log):
        self.log, self.records, self.revisions, self.export = log, [], {}, None
        self.selected_streams = ["ledger.main", "requirement.r", "task.t", "obligation.r_2024-q1_a", "obligation.t_a", "obligation.r_2024-q1_z"]

    def add(self, stream, kind, data, time="2024-01-10T00:00:00+07:00", recorded=None):
        self.revisions[stream] = self.revisions.get(stream, 0) + 1
        recorded = recorded or f"2024-01-10T00:00:{len(self.records):02}Z"
        record = {"specversion": "1.0", "id": f"00000000-0000-7000-8000-{len(self.records):012}", "source": "/thu", "type": kind, "subject": stream, "time": time,
                  "recordedtime": recorded, "revision": self.revisions[stream], "actor": "clerk", "correlationid": "00000000-0000-7000-8000-000000000000", "data": data}
        self.records.append(json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode())

    def history(self):
        """A requirement, a task, what became of them, and a unit that nobody asks about."""
        self.add("ledger.main", "ledger.created.v1", {"origin": "thu", "definition": "v1", "log_key": self.log.text})
        self.add("unit.a", "unit.formed.v1", {"name": "Sở Nội vụ"})
        self.add("requirement.r", "requirement.set.v1", {"rule": {"document": "d"}})
        self.add("requirement.r", "period.opened.v1", {"period": "2024-q1", "reporters": ["a", "b"], "times": {"due": {"due": "2024-03-31"}}})
        self.add("task.t", "task.assigned.v1", {"assignment": {"document": "d"}, "owed_by": ["a"], "due": "2024-02-01"})
        self.add("obligation.r_2024-q1_a", "report.submitted.v1", {})
        self.add("obligation.r_2024-q1_b", "report.submitted.v1", {})
        self.add("obligation.t_a", "task.claimed.v1", {})
        self.add("obligation.r_2024-q1_a", "report.received.v1", {})
        return self

    def leaves(self):
        return [leaf_hash(record) for record in self.records]

    def heads(self):
        last = {}
        for position, record in enumerate(self.records, 1):
            record = json.loads(record)
            last[record["subject"]] = (record["revision"], position)
        return sorted((name.encode(), *head) for name, head in last.items())

    def close(self, **lies):
        """Seals the heads and records the export; `lies` are told in the export's data."""
        self.at = len(self.records)
        self.head_items = self.heads()
        hashes = [leaf_hash(item_bytes(item)) for item in self.head_items]
        self.head_root, self.head_hashes = b64(root_of(hashes)), hashes
        self.add("ledger.main", "ledger.heads_sealed.v1", {"size": self.at, "streams": len(hashes), "root": self.head_root})
        chosen = [leaf_hash(self.records[position - 1]) for position in self.selected()]
        data = {"of": {"unit": "a"}, "from": "2024-01-01", "to": "2024-12-31", "size": self.at, "records": len(chosen), "root": b64(root_of(chosen))}
        self.add("evidence.e", "evidence.exported.v1", {**data, **lies})
        self.export = len(self.records)
        return self

    def selected(self):
        streams = self.selected_streams
        return [position for position, record in enumerate(self.records[:self.at], 1) if json.loads(record)["subject"] in streams]


def item_bytes(item):
    name, revision, position = item
    return name + b"\0" + revision.to_bytes(8, "big") + position.to_bytes(8, "big")


def line(value):
    """JSON as the page of the format writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def zip_of(files):
    """What zipfile makes; but where there are too many files for the end that it writes, that is what Rust's zip writes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o100644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    made = packed.getvalue()
    if len(files) > 0xffff:
        made = made[:-98 + 12] + b"\x14\0\x14\0" + made[-98 + 16:-10] + b"\xff" * 4 + made[-6:]
    return made


class Bundle:
    """The files of a bundle over a closed ledger. `signings` are (size, times of the witnesses that cosigned)."""

    def __init__(self, ledger, witnesses, signings):
        self.ledger, self.witnesses, self.files = ledger, witnesses, {}
        self.size, self.leaves = len(ledger.records), ledger.leaves()
        tail = list(range(ledger.at + 1, self.size + 1))
        self.positions = ledger.selected() + tail
        serials = {}
        for size, times in signings:
            serials[size] = serials.get(size, 0) + 1
            self.top = self.files[f"checkpoints/{size}-{serials[size]}.note"] = self.note(size, times)
            if size < self.size:
                proof = consistency(self.leaves, size)
                self.files[f"checkpoints/{size}.consistency"] = "".join(b64(one) + "\n" for one in proof).encode()
        for position in self.positions:
            self.files[f"records/{position}.json"] = ledger.records[position - 1]
            self.files[f"proofs/{position}.tlog-proof"] = self.proof(position)
        self.files["heads.json"] = self.heads()
        self.files["index.html"], self.files["VERIFY.md"] = b"<p>\n", b"# VERIFY\n"
        self.manifest = {
            "format": "socai-evidence/1", "index": 1, "origin": ORIGIN,
            "query": {"of": {"unit": "a"}, "from": "2024-01-01", "to": "2024-12-31"},
            "size": self.size, "root": b64(root_of(self.leaves)), "export": ledger.export,
            "selected": ledger.selected(), "tail": tail, "streams": self.streams(),
        }

    def note(self, size, times, origin=ORIGIN, log=None):
        body = f"{origin}\n{size}\n{b64(root_of(self.leaves[:size]))}\n".encode()
        lines = [(log or self.ledger.log).line(body)]
        lines += [witness.line(body, time) for witness, time in zip(self.witnesses, times)]
        return body + b"\n" + b"".join(lines)

    def proof(self, position):
        lines = ["c2sp.org/tlog-proof@v1", f"index {position - 1}", *map(b64, inclusion(self.leaves, position - 1))]
        return "\n".join(lines).encode() + b"\n\n" + self.top

    def streams(self):
        last = {name.decode(): head for name, *head in self.ledger.head_items}
        found = [(name, *last.get(name, (0, 0))) for name in sorted(self.ledger.selected_streams)]
        return [{"stream": name, "revision": revision, "last": position} for name, revision, position in found]

    def heads(self):
        names, wanted = [item[0] for item in self.ledger.head_items], set()
        for name in map(str.encode, self.ledger.selected_streams):
            if name in names:
                wanted.add(names.index(name))
            else:
                after = sum(other < name for other in names)
                wanted |= {after - 1, after} & set(range(len(names)))
        items = [{"index": index, "stream": names[index].decode(), "revision": self.ledger.head_items[index][1], "last": self.ledger.head_items[index][2],
                  "path": list(map(b64, inclusion(self.ledger.head_hashes, index)))} for index in sorted(wanted)]
        heads = {"size": self.ledger.at, "streams": len(names), "root": self.ledger.head_root, "position": self.ledger.at + 1, "items": items}
        return line(heads)

    def list_files(self):
        """Writes the manifest over whatever the files are by now."""
        files = [{"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in sorted(self.files.items())]
        return line({**self.manifest, "files": files})

    def zip(self):
        return zip_of({**self.files, "manifest.json": self.list_files()})


class Example:
    """A log, two witnesses, a policy that asks for both, and a bundle that holds."""

    def __init__(self, closing=None, signings=None, change=lambda ledger: None):
        self.log = Key(ORIGIN, 1)
        self.witnesses = [Key("lam-chung/mot", 4), Key("lam-chung/hai", 4)]
        self.ledger = Ledger(self.log).history()
        change(self.ledger)
        self.ledger.close(**(closing or {}))
        size, day = len(self.ledger.records), START + 9 * DAY
        both = [day + 50, day + 60]
        self.bundle = Bundle(self.ledger, self.witnesses, signings or [(2, [day + 2, day + 3]), (7, []), (size, []), (size, both)])

    def policy(self, quorum="ca-hai"):
        lines = [f"log {self.log.text}", f"witness mot {self.witnesses[0].text}", f"witness hai {self.witnesses[1].text}"]
        needed = "any" if quorum == "mot-trong-hai" else "all"
        lines += [f"group {'ca-hai' if quorum == 'none' else quorum} {needed} mot hai", f"quorum {quorum}"]
        return "\n".join(["# what has to be trusted", *lines, ""])


def main(folder, index="1"):
    """Writes the example's bundle, its policy, and its verifier keys, one a line, the log's first.

    Its page says nothing of its records. With an `index` that nobody knows, nobody compares it with them.
    """
    example = Example()
    example.bundle.manifest["index"] = int(index)
    keys = "\n".join([example.log.text, *(witness.text for witness in example.witnesses), ""])
    for name, data in (("bundle.zip", example.bundle.zip()), ("policy", example.policy().encode()), ("keys", keys.encode())):
        with open(f"{folder}/{name}", "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
