#!/usr/bin/env python3
"""Checks an evidence bundle: python3 verify.py BUNDLE.zip [POLICY]

Written from ops/formats/evidence-bundle.md alone, with Python's standard library and the openssl program
(for Ed25519). It shares no code with the program that made the bundle. The comments number the steps as
that page does. Exit status: 0 valid, 1 invalid, 2 valid but incomplete, uncosigned or without a policy.
"""
import base64, hashlib, json, re, subprocess, sys, tempfile, zipfile
from collections import namedtuple
from datetime import datetime, timedelta, timezone

TOLERANCE = timedelta(hours=24)
VIETNAM = timezone(timedelta(hours=7))
NOTE = re.compile(r"checkpoints/(0|[1-9][0-9]*)-([1-9][0-9]*)\.note")
Note = namedtuple("Note", "name size serial root body signatures raw")
Key = namedtuple("Key", "text name id kind public")


class Invalid(Exception):
    """What does not hold, and where."""


def demand(holds, sentence):
    if not holds:
        raise Invalid(sentence)


def unbase64(text, length, where):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Invalid(f"{where}: not base64: {text!r}")
    demand(base64.b64encode(data).decode() == text, f"{where}: base64 with stray bits: {text!r}")
    demand(length in (None, len(data)), f"{where}: {len(data)} bytes where {length} belong")
    return data


def read_json(data, where):
    def without_repetition(pairs):
        demand(len(pairs) == len(dict(pairs)), f"{where}: a member is there twice")
        return dict(pairs)

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=without_repetition)
    except ValueError as error:
        raise Invalid(f"{where}: not JSON: {error}")


# ---- the zip (step 1)

def unpack(path):
    files, total = {}, 0
    with zipfile.ZipFile(path) as archive:
        demand(len(archive.infolist()) <= 200_000, "more than 200,000 entries")
        for entry in archive.infolist():
            name = entry.filename
            good = re.fullmatch(r"[A-Za-z0-9._/-]{1,200}", name) and not {"", ".", ".."} & set(name.split("/"))
            demand(good, f"{name!r}: not a name for a file of a bundle")
            demand(name not in files, f"{name}: there twice")
            demand(entry.compress_type in (0, 8) and not entry.flag_bits & 1, f"{name}: neither stored nor deflated")
            with archive.open(entry) as file:
                data = file.read((64 << 20) + 1)
            total += len(data)
            demand(len(data) <= 64 << 20 and total <= 1 << 30, f"{name}: too much to unpack")
            demand(len(data) <= max(1 << 20, 200 * entry.compress_size), f"{name}: packed too tightly")
            files[name] = data
    return files


def check_names(files, manifest, notes):
    """The names and hashes that the manifest lists, and the files that positions and notes demand."""
    listed = {file["name"]: file for file in manifest["files"]}
    demand(len(listed) == len(manifest["files"]), "manifest.json: a file is listed twice")
    for name in sorted(set(files) - {"manifest.json"} | set(listed)):
        demand(name in files, f"{name}: listed in manifest.json, but missing")
        demand(name in listed, f"{name}: not listed in manifest.json")
        found = (len(files[name]), hashlib.sha256(files[name]).hexdigest())
        demand((listed[name]["bytes"], listed[name]["sha256"]) == found, f"{name}: altered: not as listed")
    expected = {"manifest.json", "heads.json", "index.html", "VERIFY.md"} | {note.name for note in notes}
    for position in manifest["selected"] + manifest["tail"]:
        expected |= {f"records/{position}.json", f"proofs/{position}.tlog-proof"}
    expected |= {f"checkpoints/{note.size}.consistency" for note in notes if note.size < notes[-1].size}
    for name in sorted(expected ^ set(files)):
        demand(name in files, f"{name}: missing")
        raise Invalid(f"{name}: does not belong into this bundle")


# ---- RFC 6962 and RFC 9162

def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(leaf):
    return sha256(b"\0" + leaf)


def node(left, right):
    return sha256(b"\1" + left + right)


def tree_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node(tree_root(leaves[:split]), tree_root(leaves[split:]))


def included(leaf, index, size, path, root):
    """RFC 9162, 2.1.3.2"""
    fn, sn, r = index, size - 1, leaf
    if not 0 <= index < size:
        return False
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def grown(old, old_root, size, root, path):
    """RFC 9162, 2.1.4.2, with the two cases that need no proof"""
    if old in (0, size):
        return not path and old_root == (sha256(b"") if old == 0 else root)
    path = ([old_root] if old & (old - 1) == 0 else []) + path
    if not path or not 0 < old < size:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == root


def hashes(lines, where):
    return [unbase64(line, 32, where) for line in lines]


# ---- signed notes, keys, policy

def read_note(name, raw):
    where, (size, serial) = name, map(int, NOTE.fullmatch(name).groups())
    text = raw.decode("utf-8", "replace")
    body, blank, lines = text.rpartition("\n\n")
    demand(blank and text.endswith("\n"), f"{where}: not a signed note")
    origin_size_root = body.split("\n")
    demand(len(origin_size_root) == 3 and origin_size_root[1] == str(size), f"{where}: not a checkpoint of size {size}")
    signatures = []
    for line in lines[:-1].split("\n"):
        form = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        demand(form, f"{where}: not a signature: {line!r}")
        data = unbase64(form[2], None, where)
        signatures.append((form[1], data[:4], data[4:]))
    return Note(name, size, serial, unbase64(origin_size_root[2], 32, where), body + "\n", signatures, raw)


def read_key(text, kind, where):
    name, ident, rest = (text.split("+", 2) + ["", ""])[:3]
    data = unbase64(rest, 33, where)
    fits = data[0] == kind and sha256(name.encode() + b"\n" + data)[:4].hex() == ident
    demand(fits, f"{where}: not a verifier key of kind {kind}: {text}")
    return Key(text, name, bytes.fromhex(ident), kind, data[1:])


def read_policy(path):
    """Answers the log's keys, the witnesses' keys by their names here, the groups and the quorum."""
    logs, witnesses, groups, quorum = [], {}, {}, None
    with open(path, encoding="utf-8-sig") as file:  # an editor may have put a byte order mark there
        lines = file.readlines()
    for number, line in enumerate(lines, 1):
        words, where = line.split(), f"{path}:{number}"
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log" and len(words) in (2, 3):
            logs.append(read_key(words[1], 1, where))
        elif words[0] == "witness" and len(words) in (3, 4):
            witnesses[words[1]] = read_key(words[2], 4, where)
        elif words[0] == "group" and len(words) > 3:
            count = {"any": "1", "all": str(len(words) - 3)}.get(words[2], words[2])
            demand(count.isdigit() and 1 <= int(count) <= len(words) - 3, f"{where}: not a number of members")
            demand(set(words[3:]) <= {*witnesses, *groups}, f"{where}: names nobody: {line.strip()}")
            groups[words[1]] = (int(count), words[3:])
        elif words[0] == "quorum" and len(words) == 2 and quorum is None:
            quorum = words[1]
            demand(quorum == "none" or quorum in {*witnesses, *groups}, f"{where}: names nobody: {quorum}")
        else:
            raise Invalid(f"{where}: not a line of a policy: {line.strip()}")
    demand(logs and quorum, f"{path}: a policy needs a log and a quorum")
    return logs, witnesses, groups, quorum


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
    """Step 3. Answers the log's keys that signed the note, and the time of each witness that did."""
    logs, witnesses, _, _ = policy
    log_keys, times = set(), {}
    for name, ident, data in note.signatures:
        for key in (key for key in logs if (key.name, key.id) == (name, ident)):
            demand(signed(key, note.body.encode(), data), f"{note.name}: bad signature by {name}")
            log_keys.add(key.text)
        for witness, key in witnesses.items():
            if (key.name, key.id) == (name, ident):
                time = int.from_bytes(data[:8], "big")
                message = f"cosignature/v1\ntime {time}\n{note.body}"
                good = len(data) == 72 and signed(key, message.encode(), data[8:])
                demand(good, f"{note.name}: bad cosignature by {name}")
                times[witness] = min(time, times.get(witness, time))
    demand(log_keys, f"{note.name}: no signature by a log key of the policy")
    return log_keys, times


def quorum_time(policy, times):
    """The first time at which the quorum had signed: None where it never had, 0 where none is asked for."""
    _, _, groups, quorum = policy

    def there(name, by):
        if name in groups:
            return sum(there(member, by) for member in groups[name][1]) >= groups[name][0]
        return name in times and times[name] <= by

    if quorum == "none":
        return 0
    return next((by for by in sorted(times.values()) if there(quorum, by)), None)


# ---- the proofs (steps 2, 4, 5)

def check_notes(files, manifest, notes):
    top = notes[-1]
    for note in notes:
        demand(note.body.split("\n")[0] == manifest["origin"], f"{note.name}: a checkpoint of another log")
        roots = {other.root for other in notes if other.size == note.size}
        demand(len(roots) == 1, f"{note.name}: two histories: another checkpoint of size {note.size} has another root")
    stated = (manifest["size"], unbase64(manifest["root"], 32, "manifest.json"))
    demand((top.size, top.root) == stated, f"{top.name}: manifest.json states another size or root")


def check_consistency(files, notes):
    top = notes[-1]
    for note in (note for note in notes if note.size < top.size):
        name = f"checkpoints/{note.size}.consistency"
        path = hashes(files[name].decode("ascii", "replace").splitlines(), name)
        demand(grown(note.size, note.root, top.size, top.root, path), f"{note.name}: {top.name} did not grow out of it")


def check_record(files, position, top):
    name = f"proofs/{position}.tlog-proof"
    head, _, note = files[name].partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    first = ["c2sp.org/tlog-proof@v1", f"index {position - 1}"]
    demand(lines[:2] == first, f"{name}: not a proof of index {position - 1}")
    demand(note == top.raw, f"{name}: does not end with the top checkpoint")
    leaf = leaf_hash(files[f"records/{position}.json"])
    proven = included(leaf, position - 1, top.size, hashes(lines[2:], name), top.root)
    demand(proven, f"records/{position}.json: its proof does not lead to the checkpoint: not what was sealed there")


# ---- what the records say (steps 6 to 10)

def is_of(record, subject, kind):
    return record.get("type") == kind and record["subject"].startswith(subject)


def check_streams(records, manifest, heads):
    """Step 6."""
    streams = {stream["stream"]: stream for stream in manifest["streams"]}
    if list(streams) != sorted(streams, key=str.encode) or "ledger.main" not in streams:
        yield "manifest.json: streams are not in order, or ledger.main is not among them"
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
    proven, root = {}, unbase64(heads["root"], 32, "heads.json")
    for item in heads["items"]:
        name = item["stream"].encode()
        leaf = leaf_hash(name + b"\0" + item["revision"].to_bytes(8, "big") + item["last"].to_bytes(8, "big"))
        if not included(leaf, item["index"], heads["streams"], hashes(item["path"], "heads.json"), root):
            yield f"heads.json: the head of {item['stream']} is not under the root"
        proven[item["index"]] = (name, item["revision"], item["last"])
    if len(proven) != len(heads["items"]):
        yield "heads.json: two items of one index"
    edges = [(-1, b""), *((index, item[0]) for index, item in sorted(proven.items())), (heads["streams"], b"\xff")]
    for stream in manifest["streams"]:
        name, revision = stream["stream"].encode(), stream["revision"]
        head = (name, revision, stream["last"])
        neighbours = zip(edges, edges[1:])
        absent = any(at + 1 == next_at and before < name < after for (at, before), (next_at, after) in neighbours)
        if not (absent if revision == 0 else head in proven.values()):
            yield f"stream {stream['stream']}: nothing in heads.json proves that revision {revision} is its last"
    below = [position for position in manifest["selected"] if position <= heads["size"]]
    if manifest["selected"] != below or manifest["tail"] != list(range(heads["size"] + 1, top.size + 1)):
        yield f"the tail is not every position from {heads['size'] + 1} to {top.size}"


def check_export(records, files, manifest, heads):
    """Step 8: the ledger recorded that this was handed out."""
    at, query = manifest["export"], manifest["query"]
    export = records.get(at, {})
    if not is_of(export, "evidence.", "evidence.exported.v1") or at not in manifest["tail"]:
        yield f"record {at} is not the export of this bundle"
        return
    leaves = [leaf_hash(files[f"records/{position}.json"]) for position in manifest["selected"]]
    said = {"size": heads["size"], "records": len(leaves), "root": base64.b64encode(tree_root(leaves)).decode()}
    said.update({name: query.get(name) for name in ("of", "from", "to")})
    for name, value in said.items():
        recorded = export["data"].get(name)
        if recorded != value:
            yield f"records/{at}.json: the export recorded {name} {recorded}, and the bundle has {value}"


def check_keys(records, notes, signed_by, policy):
    """Step 9: each checkpoint has a log key that the ledger named and had not retired."""
    named, retired = {}, {}
    for position, record in records.items():
        data = record["data"]
        if is_of(record, "ledger.main", "ledger.created.v1") and data.get("log_key"):
            named.setdefault(data["log_key"], position)
        elif is_of(record, "ledger.main", "ledger.log_key_added.v1"):
            named.setdefault(data["key"], position)
        elif is_of(record, "ledger.main", "ledger.log_key_retired.v1"):
            retired[data["key"]] = (data["valid_to"], data["reason"])
    for note in notes:
        log_keys, times = signed_by[note.name]
        counting = [key for key in log_keys if named.get(key, note.size + 1) <= note.size]
        counting = [key for key in counting if retired.get(key, (note.size, ""))[0] >= note.size]
        stolen = counting and all(retired.get(key, (0, ""))[1] == "stolen" for key in counting)
        if not counting:
            yield f"{note.name}: no signature by a log key that counts at size {note.size}"
        elif stolen and not quorum_time(policy, times):
            yield f"{note.name}: its log key was stolen, and no quorum of witnesses signed"


def omissions(records, manifest, heads):
    """Step 10: obligations that the records say were opened, that were asked for, and that are not here."""
    streams = {stream["stream"] for stream in manifest["streams"]}
    (kind, wanted), = manifest["query"]["of"].items()
    first, last = manifest["query"].get("from") or "0000", manifest["query"].get("to") or "9999-12-31"
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

def brackets(positions, notes, signed_by, policy):
    """For each position the seconds after which and by which it was recorded, where cosignatures tell."""
    for position in positions:
        below = [times for note in notes if note.size < position for times in [signed_by[note.name][1]] if times]
        above = [quorum_time(policy, signed_by[note.name][1]) for note in notes if note.size >= position]
        yield position, min(below[-1].values()) if below else None, next((by for by in above if by), None)


def time_findings(records, bracketed):
    for position, after, by in bracketed:
        record, name = records[position], f"records/{position}.json"
        effective = datetime.fromisoformat(record["time"][:10]).replace(tzinfo=VIETNAM)
        recorded = datetime.fromisoformat(record["recordedtime"][:19]).replace(tzinfo=timezone.utc)
        ends = effective + timedelta(days=1) + TOLERANCE
        if after is not None and ends.timestamp() < after:
            yield f"{name}: back-dated: effective {effective:%Y-%m-%d}, recorded after {said(after)}"
        early = after is not None and (recorded + TOLERANCE).timestamp() < after
        if early or by is not None and (recorded - TOLERANCE).timestamp() > by:
            yield f"{name}: recorded at {said(recorded.timestamp())}, it says, which the cosignatures contradict"


def said(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- the verdict

def verify(bundle, policy_file):
    """Answers what does not hold, what is incomplete, and what is worth knowing."""
    policy = read_policy(policy_file) if policy_file else None
    files = unpack(bundle)
    demand({"manifest.json", "heads.json"} <= set(files), "manifest.json or heads.json is missing")
    manifest, heads = (read_json(files[name], name) for name in ("manifest.json", "heads.json"))
    demand(manifest["format"] == "socai-evidence/1", f"manifest.json: format {manifest['format']} is not known here")
    notes = [read_note(name, raw) for name, raw in files.items() if NOTE.fullmatch(name)]
    demand(notes, "there is no checkpoint")
    notes.sort(key=lambda note: (note.size, note.serial))
    top, positions = notes[-1], manifest["selected"] + manifest["tail"]
    demand(positions == sorted(set(positions)), "manifest.json: positions are not in order, each once")
    check_names(files, manifest, notes)
    check_notes(files, manifest, notes)
    signed_by = {note.name: signers(note, policy) for note in notes} if policy else {}
    check_consistency(files, notes)
    for position in positions:
        check_record(files, position, top)

    names = {position: f"records/{position}.json" for position in positions}
    records = {position: read_json(files[name], name) for position, name in names.items()}
    wrong = [*check_streams(records, manifest, heads), *check_heads(records, manifest, heads, top)]
    wrong += check_export(records, files, manifest, heads)
    missing, worth_knowing = list(omissions(records, manifest, heads)), []
    if policy:
        wrong += check_keys(records, notes, signed_by, policy)
        if quorum_time(policy, signed_by[top.name][1]) is None:
            missing.append(f"uncosigned: {top.name} does not have the policy's quorum")
        worth_knowing += time_findings(records, brackets(positions, notes, signed_by, policy))
    else:
        missing.append("no policy: nothing is known of who signed")
    if manifest["index"] != 1:
        missing.append(f"manifest.json: index {manifest['index']} is not known here")
    if any(record.get("synthetic") or record["data"].get("simulated_clock") for record in records.values()):
        worth_knowing.append("the clock was simulated, or records are synthetic: a demonstration, never evidence")
    counts = f"{len(manifest['selected'])} records and {len(manifest['tail'])} of the tail"
    worth_knowing.append(f"{counts}, of {manifest['origin']} at size {top.size}")
    worth_knowing.append("index.html and VERIFY.md were not compared with the records")
    return wrong, missing, worth_knowing


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit("usage: python3 verify.py BUNDLE.zip [POLICY]")
    try:
        wrong, missing, worth_knowing = verify(*(arguments + [None])[:2])
    except Invalid as error:
        wrong, missing, worth_knowing = [str(error)], [], []
    except Exception as error:  # whoever made the bundle may have made it so that reading fails
        wrong, missing, worth_knowing = [f"cannot be read: {type(error).__name__}: {error}"], [], []
    for word, sentences in (("wrong", wrong), ("missing", missing), ("note", worth_knowing)):
        for sentence in sentences:
            print(f"{word}: {sentence}")
    code = 1 if wrong else 2 if missing else 0
    print(["valid", "INVALID", "valid, but incomplete or uncosigned"][code])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
