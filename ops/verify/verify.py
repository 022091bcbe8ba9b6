#!/usr/bin/env python3
"""Checks an evidence bundle: python3 verify.py BUNDLE.zip POLICY

Written from ops/formats/evidence-bundle.md alone, with Python's standard library and the openssl program
(for Ed25519). It shares no code with the program that made the bundle. The comments number the steps as
that page does. Exit status: 0 valid, 1 invalid, 2 valid but incomplete, uncosigned or without a policy.
"""
import base64, hashlib, json, re, struct, subprocess, sys, tempfile, zlib
from collections import namedtuple
from datetime import date, datetime, timezone

HOUR, DAY = 3_600, 86_400
TOLERANCE = DAY
NOTE = re.compile(r"checkpoints/(0|[1-9][0-9]{0,18})-([1-9][0-9]{0,18})\.note")
Note = namedtuple("Note", "name size serial origin root body signatures raw")
Key = namedtuple("Key", "text name id public")
Policy = namedtuple("Policy", "logs named quorum")

# What the JSON looks like: members in their order, a list of any length, one of several, a number from 0.
MANIFEST = {
    "format": str, "index": int, "origin": str,
    "query": {"of": ({"unit": str}, {"document": str}, {"obligation": str}), "from": str, "to": str},
    "size": int, "root": str, "export": int, "selected": [int], "tail": [int],
    "streams": [{"stream": str, "revision": int, "last": int}],
    "files": [{"name": str, "bytes": int, "sha256": str}],
}
HEADS = {
    "size": int, "streams": int, "root": str, "position": int,
    "items": [{"index": int, "stream": str, "revision": int, "last": int, "path": [str]}],
}
RECORD = {"type": str, "subject": str, "time": str, "recordedtime": str, "revision": int, "data": dict}


class Invalid(Exception):
    """What does not hold, and where."""


def demand(holds, sentence):
    if not holds:
        raise Invalid(sentence)


def in_order(items, what):
    demand(all(one < other for one, other in zip(items, items[1:])), f"{what} are not in order, each once")


def unbase64(text, where, length=32):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    fits = base64.b64encode(data).decode() == text and length in (None, len(data))
    demand(fits, f"{where}: not {length or 'any'} bytes in base64: {text!r}")
    return data


def read_json(data, where):
    def once(pairs):
        demand(len(pairs) == len(dict(pairs)), f"{where}: a member is there twice")
        return dict(pairs)

    try:
        return json.loads(data.decode(), object_pairs_hook=once)
    except ValueError as error:
        raise Invalid(f"{where}: not JSON: {error}")


def has_shape(value, shape):
    if type(shape) is tuple:
        return any(has_shape(value, one) for one in shape)
    if type(shape) is list:
        return type(value) is list and all(has_shape(item, shape[0]) for item in value)
    if type(shape) is dict:
        named = type(value) is dict and list(value) == list(shape)
        return named and all(has_shape(value[name], shape[name]) for name in shape)
    return type(value) is shape and (shape is not int or 0 <= value < 1 << 64)


def read_exactly(files, name, shape):
    """manifest.json and heads.json have one spelling."""
    value = read_json(files.get(name, b""), name)
    again = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
    demand(has_shape(value, shape) and again == files[name], f"{name}: not written exactly as the format says")
    return value


# ---- the zip (step 1)

def unpack(path):
    """One packed file after the other, by name, then the directory of the same, and nothing around or between."""
    with open(path, "rb") as file:
        archive = file.read()
    files, last, total, at, directory = {}, "", 0, 0, b""
    while archive[at:at + 4] == b"PK\3\4":
        crc, packed, size, length = struct.unpack_from("<3LH", archive, at + 14)
        start = at + 30 + length
        name = archive[at + 30:start].decode("latin-1")
        good = re.fullmatch(r"[A-Za-z0-9._/-]{1,200}", name) and not {"", ".", ".."} & set(name.split("/"))
        demand(good, f"{name!r}: not a name for a file of a bundle")
        demand(last < name, f"{name}: in the zip twice, or not in order")
        facts = struct.pack("<5H3L2H", 20, 0, 8, 0, 33, crc, packed, size, length, 0)
        demand(archive[at + 4:at + 30] == facts, f"{name}: not packed as a file of a bundle is")
        unpacker, room = zlib.decompressobj(-15), min(64 << 20, (1 << 30) - total, max(1 << 20, 200 * packed))
        data = unpacker.decompress(archive[start:start + packed], room + 1)
        demand(len(data) <= room, f"{name}: too much to unpack, or packed too tightly")
        whole = unpacker.eof and not unpacker.unused_data and (zlib.crc32(data), len(data)) == (crc, size)
        demand(whole, f"{name}: does not unpack to what the zip says")
        attributes = struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, at)
        directory += b"PK\1\2\x14\3" + facts + attributes + name.encode()
        files[name], last, total, at = data, name, total + size, start + packed
    count, length, end = len(files), len(directory), b""
    demand(count <= 200_000, "more than 200,000 files")
    if count > 0xffff:
        end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 20, 20, 0, 0, count, count, length, at)
        end += struct.pack("<4sLQL", b"PK\6\7", 0, at + length, 1)
        count, length = 0xffff, 0xffffffff
    end += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, length, at, 0)
    demand(archive[at:] == directory + end, "not the zip of a bundle: files, their directory, and nothing else")
    return files


def check_names(files, manifest, notes):
    """The names and hashes that the manifest lists, and the files that positions and notes demand."""
    in_order([file["name"] for file in manifest["files"]], "manifest.json: files")
    listed = {tuple(file.values()) for file in manifest["files"]}
    found = {(name, len(data), sha256(data).hex()) for name, data in files.items()}
    for name, *_ in sorted(one for one in listed ^ found if one[0] != "manifest.json"):
        raise Invalid(f"{name}: altered, missing or foreign: not as listed in manifest.json")
    expected = {"manifest.json", "heads.json", "index.html", "VERIFY.md"} | {note.name for note in notes}
    for position in manifest["selected"] + manifest["tail"]:
        expected |= {f"records/{position}.json", f"proofs/{position}.tlog-proof"}
    expected |= {f"checkpoints/{note.size}.consistency" for note in notes if note.size < notes[-1].size}
    for name in sorted(expected ^ set(files)):
        raise Invalid(f"{name}: missing, or does not belong into this bundle")


# ---- Merkle trees: RFC 6962, and its 2.1.1 and 2.1.2 read backwards

LEAF, NODE = b"\0", b"\1"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def split(size):
    return 1 << (size - 1).bit_length() - 1


def tree_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    at = split(len(leaves))
    return sha256(NODE, tree_root(leaves[:at]), tree_root(leaves[at:]))


def led_to(leaf, index, size, path):
    """The root to which an inclusion proof leads: nothing that is one where the proof is too long or too short."""
    if size < 2 or not path:
        return leaf if (index, size, path) == (0, 1, []) else b""
    at = split(size)
    if index < at:
        return sha256(NODE, led_to(leaf, index, at, path[:-1]), path[-1])
    return sha256(NODE, path[-1], led_to(leaf, index - at, size - at, path[:-1]))


def grown(old, size, path, old_root):
    """The two roots to which a consistency proof leads. `old_root` is asked for where no part of the proof tells it."""
    if old == size or not path:
        path = path if old_root is None else [old_root] + path
        return (path[0], path[0]) if old == size and len(path) == 1 else (b"", b"")
    at, last = split(size), path[-1]
    if old <= at:
        before, after = grown(old, at, path[:-1], old_root)
        return before, sha256(NODE, after, last)
    before, after = grown(old - at, size - at, path[:-1], None)
    return sha256(NODE, last, before), sha256(NODE, last, after)


# ---- signed notes, keys, policy

def read_note(name, raw):
    size, serial = map(int, NOTE.fullmatch(name).groups())
    text = raw.decode("utf-8", "replace")
    body, blank, below = text.rpartition("\n\n")
    plain = text.encode() == raw and len(raw) <= 1 << 20 and not re.search(r"[\0-\x09\x0b-\x1f]", text)
    demand(blank and text.endswith("\n") and plain, f"{name}: not a signed note")
    lines, signatures = body.split("\n"), below[:-1].split("\n")
    demand(len(lines) >= 3 and all(lines) and lines[1] == str(size), f"{name}: not a checkpoint of size {size}")
    demand(len(signatures) <= 100, f"{name}: more than 100 signatures")
    for at, line in enumerate(signatures):
        form = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]{8,})", line)
        demand(form, f"{name}: not a signature: {line!r}")
        data = unbase64(form[2], name, None)
        signatures[at] = (form[1], data[:4], data[4:])
    return Note(name, size, serial, lines[0], unbase64(lines[2], name), body + "\n", signatures, raw)


def read_key(text, kind, known, where):
    name, ident, rest = (text.split("+", 2) + ["", ""])[:3]
    data = unbase64(rest, where, 33)
    fits = data[0] == kind and sha256(name.encode() + b"\n" + data)[:4].hex() == ident
    demand(fits and re.fullmatch(r"\S+", name), f"{where}: not a verifier key of kind {kind}: {text}")
    demand(all(data[1:] != key.public for key in known), f"{where}: the key is there already: one key counts once")
    return Key(text, name, bytes.fromhex(ident), data[1:])


def read_policy(path):
    """The log's keys, what a name is (a witness's key, or how many of which members), and the quorum."""
    logs, named, free, quorum = [], {}, set(), None
    with open(path, encoding="utf-8-sig") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines, 1):
        where, (kind, *words) = f"{path}:{number}", line.split() or ["#"]
        new = words and words[0] not in {"none", *named}
        if kind.startswith("#"):
            continue
        if kind == "log" and len(words) in (1, 2):
            logs.append(read_key(words[0], 1, logs, where))
        elif kind == "witness" and len(words) in (2, 3) and new:
            others = [key for key in named.values() if isinstance(key, Key)]
            named[words[0]] = read_key(words[1], 4, others, where)
            free.add(words[0])
        elif kind == "group" and len(words) > 2 and new:
            name, count, *members = words
            count = {"any": "1", "all": str(len(members))}.get(count, count)
            demand(count in map(str, range(1, len(members) + 1)), f"{where}: not a number of members")
            once = len({*members}) == len(members) and {*members} <= free
            demand(once, f"{where}: a member is not defined above, or in a group already")
            named[name], free = (int(count), members), free - {*members} | {name}
        elif kind == "quorum" and len(words) == 1 and quorum is None and words[0] in {"none", *named}:
            quorum = words[0]
        else:
            raise Invalid(f"{where}: not a line of a policy: {line}")
    demand(logs and quorum, f"{path}: a policy needs a log and a quorum")
    return Policy(logs, named, quorum)


def signed(key, message, signature):
    """Ed25519, by the openssl program."""
    with tempfile.TemporaryDirectory() as folder:
        public = bytes.fromhex("302a300506032b6570032100") + key.public
        for name, data in (("key", public), ("message", message), ("signature", signature)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"
        return subprocess.run(command.split(), cwd=folder, capture_output=True).returncode == 0


def signers(note, policy):
    """Step 3. Answers the keys of this log that signed the note, and the time of each witness that did."""
    log_keys, times = set(), {}
    for name, ident, data in note.signatures:
        for key in (key for key in policy.logs if (key.name, key.id) == (name, ident) == (note.origin, ident)):
            demand(signed(key, note.body.encode(), data), f"{note.name}: bad signature by {name}")
            log_keys.add(key.text)
        for witness, key in policy.named.items():
            if isinstance(key, Key) and (key.name, key.id) == (name, ident):
                time = int.from_bytes(data[:8], "big")
                message = f"cosignature/v1\ntime {time}\n{note.body}"
                good = len(data) == 72 and time < 1 << 63 and signed(key, message.encode(), data[8:])
                demand(good, f"{note.name}: bad cosignature by {name}")
                times[witness] = min(time, times.get(witness, time))
    demand(log_keys, f"{note.name}: no signature by a log key of the policy")
    return log_keys, times


def quorum_time(policy, times):
    """The first time at which the quorum had signed: None where it never had, or where nobody is asked for."""
    def there(name, by):
        if name in times or isinstance(policy.named[name], Key):
            return name in times and times[name] <= by
        count, members = policy.named[name]
        return sum(there(member, by) for member in members) >= count

    return next((by for by in sorted(times.values()) if policy.quorum != "none" and there(policy.quorum, by)), None)


# ---- the proofs (steps 2, 4, 5)

def check_notes(files, manifest, notes):
    top, size, root = notes[-1], manifest["size"], unbase64(manifest["root"], "manifest.json")
    demand((top.size, top.root) == (size, root), f"{top.name}: manifest.json states another size or root")
    for note in notes:
        demand(note.origin == manifest["origin"], f"{note.name}: a checkpoint of another log")
        roots = {other.root for other in notes if other.size == note.size}
        demand(len(roots) == 1, f"{note.name}: two histories: another checkpoint of size {note.size} has another root")
    for note in (note for note in notes if note.size < size):
        name = f"checkpoints/{note.size}.consistency"
        *lines, end = files[name].decode("ascii", "replace").split("\n")
        fits = grown(note.size, size, [unbase64(one, name) for one in lines], note.root) == (note.root, root)
        demand(end == "" and fits, f"{note.name}: {top.name} did not grow out of it")


def check_record(files, position, top):
    name = f"proofs/{position}.tlog-proof"
    head, _, note = files[name].partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    first = ["c2sp.org/tlog-proof@v1", f"index {position - 1}"]
    demand(lines[:2] == first, f"{name}: not a proof of index {position - 1}")
    demand(note == top.raw, f"{name}: does not end with the top checkpoint")
    leaf = sha256(LEAF, files[f"records/{position}.json"])
    proven = led_to(leaf, position - 1, top.size, [unbase64(one, name) for one in lines[2:]]) == top.root
    demand(proven, f"records/{position}.json: its proof does not lead to the checkpoint: not what was sealed there")


# ---- what the records say (steps 6 to 10)

def is_of(record, subject, kind):
    named = subject in (record.get("subject"), record.get("subject", "").partition(".")[0])
    return named and record["type"] == kind


def check_streams(records, manifest, heads):
    """Step 6."""
    streams = {stream["stream"]: stream for stream in manifest["streams"]}
    in_order([stream["stream"] for stream in manifest["streams"]], "manifest.json: streams")
    demand("ledger.main" in streams, "manifest.json: streams: ledger.main is not among them")
    seen, last = dict.fromkeys(streams, 0), dict.fromkeys(streams, (0, 0))
    for position, record in records.items():
        stream = record["subject"]
        if stream not in streams:
            if position <= heads["size"]:
                yield f"records/{position}.json: stream {stream} was not selected"
            continue
        if record["revision"] != seen[stream] + 1:
            left_out = f"stream {stream} goes from revision {seen[stream]} to {record['revision']}"
            yield f"records/{position}.json: something was left out: {left_out}"
        seen[stream] = record["revision"]
        if position <= heads["size"]:
            last[stream] = (record["revision"], position)
    for name, stream in streams.items():
        if last[name] != (stream["revision"], stream["last"]):
            here = "its last record here is revision {} at position {}".format(*last[name])
            yield f"stream {name}: {here}, and not {stream['revision']} at {stream['last']} as stated"


def check_heads(records, manifest, heads, top):
    """Step 7: the last revision of every stream of the bundle is what the ledger committed to."""
    sealed = records.get(heads["position"], {"data": {}})
    fits = is_of(sealed, "ledger.main", "ledger.heads_sealed.v1") and heads["position"] in manifest["tail"]
    if not fits or any(sealed["data"].get(name) != heads[name] for name in ("size", "streams", "root")):
        yield f"heads.json: record {heads['position']} does not seal these heads"
    proven, root = {}, unbase64(heads["root"], "heads.json")
    in_order([item["index"] for item in heads["items"]], "heads.json: items")
    for item in heads["items"]:
        name = item["stream"].encode()
        leaf = sha256(LEAF, name + b"\0" + item["revision"].to_bytes(8, "big") + item["last"].to_bytes(8, "big"))
        if led_to(leaf, item["index"], heads["streams"], [unbase64(one, "heads.json") for one in item["path"]]) != root:
            yield f"heads.json: the head of {item['stream']} is not under the root"
        proven[item["index"]] = (name, item["revision"], item["last"])
    edges = [(-1, b""), *((index, item[0]) for index, item in sorted(proven.items())), (heads["streams"], b"\xff")]
    for stream in manifest["streams"]:
        name, revision = stream["stream"].encode(), stream["revision"]
        neighbours = ((before, after) for (at, before), (then, after) in zip(edges, edges[1:]) if at + 1 == then)
        absent, head = any(before < name < after for before, after in neighbours), (name, revision, stream["last"])
        if not (absent if revision == 0 else head in proven.values()):
            yield f"stream {stream['stream']}: nothing in heads.json proves that revision {revision} is its last"
    below = [position for position in manifest["selected"] if position <= heads["size"]]
    if manifest["selected"] != below or manifest["tail"] != list(range(heads["size"] + 1, top.size + 1)):
        yield f"the tail is not every position from {heads['size'] + 1} to {top.size}"


def check_export(records, files, manifest, heads):
    """Step 8: the ledger recorded that this was handed out."""
    at, export = manifest["export"], records.get(manifest["export"], {})
    leaves = [sha256(LEAF, files[f"records/{position}.json"]) for position in manifest["selected"]]
    root = base64.b64encode(tree_root(leaves)).decode()
    if not is_of(export, "evidence", "evidence.exported.v1") or at not in manifest["tail"]:
        yield f"record {at} is not the export of this bundle"
        return
    for name, value in {**manifest["query"], "size": heads["size"], "records": len(leaves), "root": root}.items():
        recorded = export["data"].get(name)
        if recorded != value:
            yield f"records/{at}.json: the export recorded {name} {recorded}, and the bundle has {value}"


def counting(records, notes, signed_by, policy):
    """Step 9: the notes that a log key in force signed; or one that is not any more, and the quorum of witnesses."""
    named, valid_to = {}, {}
    for position, record in records.items():
        data = record["data"]
        if is_of(record, "ledger.main", "ledger.created.v1") and data.get("log_key"):
            named.setdefault(data["log_key"], position)
        elif is_of(record, "ledger.main", "ledger.log_key_added.v1"):
            named.setdefault(data["key"], position)
        elif is_of(record, "ledger.main", "ledger.log_key_retired.v1"):
            smallest = min(data["valid_to"], valid_to.get(data["key"], data["valid_to"]))
            valid_to[data["key"]] = -1 if data["reason"] == "stolen" else smallest
    for note in notes:
        keys, times = signed_by[note.name]
        known = [key for key in keys if named.get(key, note.size + 1) <= note.size]
        in_force = any(valid_to.get(key, note.size) >= note.size for key in known)
        if in_force or known and quorum_time(policy, times) is not None:
            yield note


def omissions(records, manifest, heads):
    """Step 10: obligations that the records say were opened, that were asked for, and that are not here."""
    streams = {stream["stream"] for stream in manifest["streams"]}
    (kind, wanted), = manifest["query"]["of"].items()
    first, last = manifest["query"]["from"], manifest["query"]["to"]
    documents, opened = {}, {}
    for record in (record for position, record in records.items() if position <= heads["size"]):
        stream, data, day = record["subject"], record["data"], record["time"][:10]
        ident = stream.partition(".")[2]
        if record["type"] == "requirement.set.v1":
            documents[stream] = data["rule"].get("document")
        elif record["type"] == "period.opened.v1":
            due = (data.get("times", {}).get("due") or {}).get("due")
            for unit in data["reporters"]:
                opened[f"{ident}_{data['period']}_{unit}"] = (stream, unit, documents.get(stream), due or day)
        elif record["type"] == "task.assigned.v1":
            for unit in data["owed_by"]:
                opened[f"{ident}_{unit}"] = (stream, unit, data["assignment"].get("document"), data.get("due") or day)
        elif record["type"] == "task.due_set.v1":
            opened.update({name: (*of[:3], data["due"]) for name, of in opened.items() if of[0] == stream})
        elif stream.startswith(("requirement.", "task.")) and record["type"] != "requirement.ended.v1":
            yield f"a record of a newer kind ({record['type']}) in {stream}: what it opened is not known here"
    for name, (_, unit, document, day) in sorted(opened.items()):
        asked = {"unit": unit == wanted, "document": document == wanted, "obligation": name == wanted}[kind]
        if asked and (first <= day <= last or kind == "obligation") and f"obligation.{name}" not in streams:
            yield f"omitted: obligation {name} of unit {unit}, due or opened on {day}, was asked for"


# ---- time (step 12)

def time_findings(records, notes, signed_by, policy):
    """What the cosignatures on the notes that count say of when each record was recorded."""
    seen, unbounded = [(note.size, signed_by[note.name][1]) for note in notes], 0
    lower = [(size, min(times.values())) for size, times in reversed(seen) if times]
    upper = [(size, quorum_time(policy, times)) for size, times in seen]
    for position, record in records.items():
        after = next((time for size, time in lower if size < position), None)
        by = next((time for size, time in upper if size >= position and time is not None), None)
        ended, recorded = seconds(record["time"][:10] + "T00:00:00") - 7 * HOUR + DAY, seconds(record["recordedtime"])
        unbounded += after is None
        name, early = f"records/{position}.json", after is not None and recorded + TOLERANCE < after
        if after is not None and ended + TOLERANCE < after:
            yield f"{name}: back-dated: effective {record['time'][:10]}, recorded after {said(after)}"
        if early or by is not None and recorded - TOLERANCE > by:
            yield f"{name}: recorded at {record['recordedtime']}, it says, which the cosignatures contradict"
    if unbounded:
        yield f"{unbounded} records have no lower bound: whether they were back-dated could not be judged"


def seconds(text):
    """Seconds since 1970 of YYYY-MM-DDThh:mm:ss, which Python's dates tell from year 1 to 9999 only."""
    year, month, day, hour, minute, second = map(int, re.split("[-T:]", text[:19]))
    days = date(2000 + year % 400, month, day).toordinal() + (year // 400 - 5) * 146_097 - date(1970, 1, 1).toordinal()
    return days * DAY + hour * HOUR + minute * 60 + second


def said(seconds):
    shown = datetime.fromtimestamp(min(seconds, 253_402_300_799), timezone.utc)
    return shown.strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- the verdict

def verify(bundle, policy_file):
    """Answers what does not hold, what is incomplete, and what is worth knowing."""
    policy = read_policy(policy_file) if policy_file else None
    files = unpack(bundle)
    manifest, heads = read_exactly(files, "manifest.json", MANIFEST), read_exactly(files, "heads.json", HEADS)
    demand(manifest["format"] == "socai-evidence/1", f"manifest.json: format {manifest['format']} is not known here")
    notes = [read_note(name, raw) for name, raw in files.items() if NOTE.fullmatch(name)]
    demand(notes, "there is no checkpoint")
    notes.sort(key=lambda note: (note.size, note.serial))
    top, positions = notes[-1], manifest["selected"] + manifest["tail"]
    in_order(positions, "manifest.json: positions")
    check_names(files, manifest, notes)
    check_notes(files, manifest, notes)
    signed_by, records = {note.name: signers(note, policy) for note in notes if policy}, {}
    for position in positions:
        check_record(files, position, top)
        records[position] = record = read_json(files[f"records/{position}.json"], f"records/{position}.json")
        fits = type(record) is dict and all(type(record.get(name)) is kind for name, kind in RECORD.items())
        demand(fits, f"records/{position}.json: not a record")
    wrong = [*check_streams(records, manifest, heads), *check_heads(records, manifest, heads, top)]
    wrong += check_export(records, files, manifest, heads)
    missing, worth_knowing = list(omissions(records, manifest, heads)), []
    if policy:
        counted = list(counting(records, notes, signed_by, policy))
        for note in (note for note in notes if note not in counted):
            why = f"{note.name}: no signature by a log key that counts at size {note.size}, and no quorum instead"
            (wrong if note is top else worth_knowing).append(why)
        if policy.quorum == "none":
            worth_knowing.append("the policy asks for no witness: only the log vouches that there is no other history")
        elif quorum_time(policy, signed_by[top.name][1]) is None:
            missing.append(f"uncosigned: {top.name} does not have the policy's quorum")
        worth_knowing += time_findings(records, counted, signed_by, policy)
    else:
        missing.append("no policy: nothing is known of who signed")
    if manifest["index"] != 1:
        missing.append(f"manifest.json: index {manifest['index']} is not known here")
    if any(record.get("synthetic") or record["data"].get("simulated_clock") for record in records.values()):
        worth_knowing.append("the clock was simulated, or records are synthetic: a demonstration, never evidence")
    counted = f"{len(manifest['selected'])} records and {len(manifest['tail'])} of the tail"
    worth_knowing.append(f"{counted}, of {manifest['origin']} at size {top.size}")
    worth_knowing.append("index.html and VERIFY.md were not compared with the records")
    return wrong, missing, worth_knowing


def main(arguments):
    given = [argument for argument in arguments if argument != "--policy"]
    if not 1 + ("--policy" in arguments) <= len(given) <= 2 or any(argument.startswith("-") for argument in given):
        sys.exit("usage: python3 verify.py BUNDLE.zip [--policy] POLICY")
    bundle, policy, *_ = given[::-1] if arguments[0] == "--policy" else given + [None]
    try:
        wrong, missing, worth_knowing = verify(bundle, policy)
    except Invalid as error:
        wrong, missing, worth_knowing = [str(error)], [], []
    except Exception as error:  # whoever made the bundle may have made it so that reading fails
        wrong, missing, worth_knowing = [f"cannot be read: {type(error).__name__}: {error}"], [], []
    for word, sentences in (("wrong", wrong), ("missing", missing), ("note", worth_knowing)):
        for sentence in sentences:
            print(f"{word}: " + "".join(char if char.isprintable() else "?" for char in sentence))
    code = 1 if wrong else 2 if missing else 0
    print(["valid", "INVALID", "valid, but incomplete or uncosigned"][code])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
