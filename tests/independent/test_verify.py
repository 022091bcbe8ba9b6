"""What ops/verify/verify.py accepts and rejects, over bundles made by hand: python3 -m unittest."""
import contextlib, io, json, os, struct, sys, tempfile, unittest, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "ops", "verify")]
sys.dont_write_bytecode = True

import hand_made
import verify
from hand_made import DAY, ORIGIN, START, Example, Key, Ledger, b64, consistency, inclusion, leaf_hash, line, root_of


class Verdicts(unittest.TestCase):
    def check(self, example, code, words="", quorum="ca-hai", policy=None, trusted=True):
        """Runs the verifier as its users do, and compares its exit status and what it says."""
        with tempfile.TemporaryDirectory() as folder:
            bundle, rules = f"{folder}/goi.zip", f"{folder}/policy"
            with open(bundle, "wb") as file:
                file.write(example if isinstance(example, bytes) else example.bundle.zip())
            with open(rules, "w", encoding="utf-8") as file:
                file.write(policy or (Example() if isinstance(example, bytes) else example).policy(quorum))
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                found = verify.main([bundle, rules] if trusted else [bundle])
        self.assertEqual(found, code, printed.getvalue())
        self.assertIn(words, printed.getvalue())

    def test_what_holds_is_valid(self):
        self.check(Example(), 0, "valid")

    def test_without_a_policy_nothing_is_known_of_who_signed(self):
        self.check(Example(), 2, "no policy", trusted=False)

    def test_what_an_editor_on_windows_puts_into_a_policy_means_nothing(self):
        saved = "\ufeff# of the committee\n" + Example().policy("ca-hai")
        self.check(Example(), 0, policy=saved.replace("\n", "\r\n"))

    def test_without_the_quorum_it_is_uncosigned(self):
        size = len(Example().ledger.records)
        example = Example(signings=[(2, []), (size, [START])])
        self.check(example, 2, "uncosigned")
        self.check(example, 0, quorum="mot-trong-hai")
        self.check(example, 0, quorum="none")

    def test_an_edited_byte_is_found_in_every_file(self):
        for name in Example().bundle.files:
            example = Example()
            data = bytearray(example.bundle.files[name])
            data[len(data) // 2] ^= 1
            manifest = example.bundle.list_files()
            example.bundle.files[name] = bytes(data)
            example.bundle.list_files = lambda: manifest
            self.check(example, 1, f"{name}: altered")

    def test_an_edited_record_is_found_when_the_manifest_lies_with_it(self):
        example = Example()
        files = example.bundle.files
        files["records/6.json"] = files["records/6.json"].replace(b"2024", b"2023", 1)
        self.check(example, 1, "records/6.json: its proof does not lead")

    def test_a_dropped_record_is_a_gap(self):
        example = Example()
        self.drop(example, 6)
        self.check(example, 1, "goes from revision 0 to 2")

    def test_a_dropped_last_record_is_not_the_head(self):
        example = Example()
        self.drop(example, 9)
        self.check(example, 1, "its last record here is revision 1")
        for stream in example.bundle.manifest["streams"]:
            if stream["last"] == 9:
                stream.update(revision=1, last=6)
        self.check(example, 1, "nothing in heads.json proves that revision 1 is its last")

    def test_a_dropped_record_of_the_tail_is_found(self):
        example = Example()
        self.drop(example, 11)
        self.check(example, 1, "the tail is not every position")

    def test_swapped_records_do_not_fit_their_proofs(self):
        example = Example()
        files = example.bundle.files
        files["records/3.json"], files["records/4.json"] = files["records/4.json"], files["records/3.json"]
        self.check(example, 1, "records/3.json: its proof does not lead")

    def test_swapped_proofs_are_of_another_index(self):
        example = Example()
        files = example.bundle.files
        files["proofs/3.tlog-proof"], files["proofs/4.tlog-proof"] = files["proofs/4.tlog-proof"], files["proofs/3.tlog-proof"]
        self.check(example, 1, "not a proof of index 2")

    def test_another_logs_checkpoint_is_not_of_this_origin(self):
        example = Example()
        bundle = example.bundle
        bundle.files["checkpoints/7-1.note"] = bundle.note(7, [], origin="socai/khac")
        self.check(example, 1, "a checkpoint of another log")

    def test_a_checkpoint_by_an_unknown_key_is_not_signed(self):
        example = Example()
        example.bundle.files["checkpoints/7-1.note"] = example.bundle.note(7, [], log=Key("socai/thu", 1, b"khac"))
        self.check(example, 1, "no signature by a log key of the policy")

    def test_a_bad_signature_by_a_known_key_rejects(self):
        example = Example()
        bundle = example.bundle
        bundle.files["checkpoints/7-1.note"] = bundle.note(7, []) + Key("lam-chung/mot", 4).line(b"khac", 1)
        self.check(example, 1, "bad cosignature")
        bundle.files["checkpoints/7-1.note"] = bundle.note(7, []) + example.log.line(b"khac")
        self.check(example, 1, "bad signature")

    def test_two_histories_of_one_size_are_named(self):
        example = Example()
        bundle = example.bundle
        bundle.leaves = [*bundle.leaves[:6], b"\0" * 32]
        bundle.files["checkpoints/7-2.note"] = bundle.note(7, [])
        self.check(example, 1, "two histories")

    def test_a_history_that_did_not_grow_is_found(self):
        example = Example()
        bundle = example.bundle
        bundle.leaves = [*bundle.leaves[:6], b"\0" * 32]
        bundle.files["checkpoints/7-1.note"] = bundle.note(7, [])
        self.check(example, 1, "did not grow out of")

    def test_the_streams_of_a_bundle_are_those_of_its_records(self):
        def dropped(name, change=lambda ledger: None):
            example = Example(change=change)
            streams = example.bundle.manifest["streams"]
            streams[:] = [stream for stream in streams if stream["stream"] != name]
            return example

        self.check(dropped("ledger.main"), 1, "ledger.main is not among them")
        more = dropped("unit.a", lambda ledger: ledger.selected_streams.append("unit.a"))
        self.check(more, 1, "records/2.json: stream unit.a was not selected")

    def test_an_obligation_left_out_is_missed(self):
        example = Example(change=lambda ledger: ledger.selected_streams.remove("obligation.t_a"))
        self.check(example, 2, "omitted: obligation t_a of unit a, due or opened on 2024-02-01")

    def test_the_export_must_be_of_what_is_here(self):
        self.check(Example(closing={"to": "2023-12-31"}), 1, "the export recorded to 2023-12-31")
        self.check(Example(closing={"records": 4}), 1, "the export recorded records 4")

    def test_the_export_is_the_record_that_says_so(self):
        example = Example()
        example.bundle.manifest["export"] = example.ledger.at + 1
        self.check(example, 1, "record 10 is not the export of this bundle")

    def test_a_head_stands_at_one_place(self):
        example = Example()
        heads = json.loads(example.bundle.files["heads.json"])
        heads["items"].append(heads["items"][0])
        example.bundle.files["heads.json"] = line(heads)
        self.check(example, 1, "items are not in order, each once")

    def test_a_lie_about_an_absent_stream_is_found(self):
        example = Example()
        self.assertIn({"stream": "obligation.r_2024-q1_z", "revision": 0, "last": 0}, example.bundle.manifest["streams"])
        heads = json.loads(example.bundle.files["heads.json"])
        heads["items"] = [item for item in heads["items"] if item["stream"] != "obligation.t_a"]
        example.bundle.files["heads.json"] = line(heads)
        self.check(example, 1, "stream obligation.r_2024-q1_z: nothing in heads.json proves")

    def test_a_head_must_lead_to_the_sealed_root(self):
        example = Example()
        heads = json.loads(example.bundle.files["heads.json"])
        heads["items"][0]["path"][0] = b64(b"\0" * 32)
        example.bundle.files["heads.json"] = line(heads)
        self.check(example, 1, "is not under the root")

    def test_heads_that_were_not_sealed_prove_nothing(self):
        example = Example()
        heads = json.loads(example.bundle.files["heads.json"])
        heads["root"] = b64(b"\0" * 32)
        example.bundle.files["heads.json"] = line(heads)
        self.check(example, 1, "does not seal these heads")

    @staticmethod
    def retired(reason, valid_to):
        return lambda ledger: ledger.add("ledger.main", "ledger.log_key_retired.v1", {"key": ledger.log.text, "valid_to": valid_to, "reason": reason})

    def test_a_key_counts_only_where_the_ledger_named_it_and_until_it_is_retired(self):
        alone = [(7, []), (12, [START])]
        for reason, valid_to in (("rotation", 3), ("rotation", 11), ("stolen", 99)):
            example = Example(change=self.retired(reason, valid_to), signings=alone)
            self.check(example, 1, "no signature by a log key that counts at size 12")
            self.check(example, 1, "no signature by a log key that counts at size 12", quorum="none")
            self.check(example, 0, quorum="mot-trong-hai")
        self.check(Example(change=self.retired("rotation", 12), signings=alone), 2, "uncosigned")
        other, example = Key(ORIGIN, 1, b"khac"), Example()
        example.ledger.log = other
        example.bundle = hand_made.Bundle(example.ledger, example.witnesses, [(11, [START, START])])
        self.check(example, 1, "no signature by a log key that counts at size 11", policy=f"log {other.text}\n{example.policy()}")

    def test_a_stolen_key_stays_stolen(self):
        def twice(ledger):
            self.retired("stolen", 5)(ledger)
            self.retired("rotation", 99)(ledger)

        self.check(Example(change=twice, signings=[(13, [])]), 1, "no signature by a log key that counts", quorum="none")

    def test_a_lower_note_that_does_not_count_tells_no_time_and_spoils_nothing(self):
        both = [START + 9 * DAY + 50, START + 9 * DAY + 60]

        def late(ledger):
            self.retired("stolen", 99)(ledger)
            ledger.add("obligation.t_a", "task.confirmed.v1", {}, time="2023-12-01T00:00:00+07:00")

        example = Example(change=late, signings=[(2, [START]), (7, [START + DAY]), (13, both[:2])])
        self.check(example, 0, "note: checkpoints/7-1.note: no signature by a log key that counts at size 7")
        self.check(example, 0, "note: 11 records have no lower bound")
        self.check(example, 0, "back-dated: effective 2023-12-01", quorum="mot-trong-hai")
        example.bundle.leaves = [*example.bundle.leaves[:6], b"\0" * 32]
        example.bundle.files["checkpoints/7-1.note"] = example.bundle.note(7, [])
        self.check(example, 1, "did not grow out of")

    def test_records_that_no_cosigned_note_is_below_are_counted(self):
        size = len(Example().ledger.records)
        example = Example(signings=[(2, []), (size, [START + 10 * DAY, START + 10 * DAY])])
        self.check(example, 0, f"note: {len(example.bundle.positions)} records have no lower bound")

    def test_records_of_a_newer_kind_leave_open_what_was_opened(self):
        def newer(ledger):
            ledger.add("task.t", "task.assigned.v2", {})

        self.check(Example(change=newer), 2, "a record of a newer kind (task.assigned.v2)")

    def test_a_due_date_set_later_moves_an_obligation_into_the_window_and_out(self):
        def moved(due):
            def change(ledger):
                ledger.selected_streams.remove("obligation.t_a")
                ledger.add("task.t", "task.due_set.v1", {"due": due})

            return change

        self.check(Example(change=moved("2024-06-30")), 2, "due or opened on 2024-06-30")
        self.check(Example(change=moved("2025-01-01")), 0)

    def test_a_demonstration_is_never_evidence(self):
        def simulated(ledger):
            ledger.records[0] = ledger.records[0].replace(b'"definition"', b'"simulated_clock":true,"definition"')

        self.check(Example(change=simulated), 0, "never evidence")

    def test_a_back_dated_record_is_marked(self):
        def late(ledger):
            ledger.add("obligation.t_a", "task.confirmed.v1", {}, time="2023-12-01T00:00:00+07:00")

        self.check(Example(change=late), 0, "records/10.json: back-dated")

    def test_a_record_that_lies_about_its_time_is_marked(self):
        def ahead(ledger):
            ledger.add("obligation.t_a", "task.confirmed.v1", {}, recorded="2024-02-01T00:00:00Z")

        self.check(Example(change=ahead), 0, "which the cosignatures contradict")

    def test_a_zip_beyond_the_limits_is_refused(self):
        for name, words in (("../x", "not a name"), ("/x", "not a name"), ("x//y", "not a name"), ("x", "foreign")):
            example = Example()
            files, manifest = example.bundle.files, example.bundle.list_files()
            files[name] = b""
            example.bundle.list_files = lambda manifest=manifest: manifest
            self.check(example, 1, words)
        example = Example()
        example.bundle.files["index.html"] = b"\0" * (2 << 20)
        self.check(example, 1, "packed too tightly")
        self.check(b"not a zip", 1, "not the zip of a bundle")

    def test_a_file_that_is_missing_is_named(self):
        for name in ("index.html", "records/6.json", "checkpoints/2.consistency"):
            example = Example()
            del example.bundle.files[name]
            self.check(example, 1, f"{name}: missing")
        example = Example()
        manifest = example.bundle.list_files()
        del example.bundle.files["VERIFY.md"]
        example.bundle.list_files = lambda: manifest
        self.check(example, 1, "VERIFY.md: altered, missing or foreign")

    def test_a_checkpoint_that_is_written_otherwise_is_not_read(self):
        ways = [(b"\n\n", b"\n", "not a signed note"), (b"\n7\n", b"\n07\n", "not a checkpoint of size 7"), ("\u2014".encode(), b"-", "not a signature")]
        for old, new, words in ways:
            example = Example()
            note = example.bundle.files["checkpoints/7-1.note"]
            example.bundle.files["checkpoints/7-1.note"] = note.replace(old, new, 1)
            self.check(example, 1, words)

    def test_a_hash_has_one_spelling(self):
        for change, words in ((lambda text: text[:-2] + "B=", "not 32 bytes in base64"), (lambda text: "!" + text[1:], "not 32 bytes in base64"), (lambda text: "AAAA", "not 32 bytes in base64")):
            example = Example()
            lines = example.bundle.files["checkpoints/2.consistency"].decode().splitlines()
            lines[0] = change(lines[0])
            example.bundle.files["checkpoints/2.consistency"] = ("\n".join(lines) + "\n").encode()
            self.check(example, 1, words)

    def test_a_manifest_that_says_two_things_is_not_read(self):
        example = Example()
        manifest = example.bundle.list_files()
        example.bundle.list_files = lambda: manifest.replace(b'"index":1', b'"index":1,"index":1')
        self.check(example, 1, "a member is there twice")
        example.bundle.list_files = lambda: manifest.replace(b'"selected":[1,', b'"selected":[1,1,')
        self.check(example, 1, "positions are not in order")
        example.bundle.manifest["root"] = b64(b"\0" * 32)
        example.bundle.list_files = type(example.bundle).list_files.__get__(example.bundle)
        self.check(example, 1, "manifest.json states another size or root")

    def test_a_bad_cosignature_by_a_known_witness_rejects(self):
        example = Example()
        bundle = example.bundle
        wrong = bundle.witnesses[0].line(b"something else\n", START)
        bundle.files["checkpoints/7-1.note"] += wrong
        self.check(example, 1, "checkpoints/7-1.note: bad cosignature by lam-chung/mot")

    def test_a_proof_ends_with_the_top_checkpoint(self):
        example = Example()
        proof = example.bundle.files["proofs/6.tlog-proof"]
        example.bundle.files["proofs/6.tlog-proof"] = proof.replace(example.bundle.top, example.bundle.note(7, []))
        self.check(example, 1, "does not end with the top checkpoint")

    def test_a_policy_that_cannot_be_read_is_named_by_its_line(self):
        self.check(Example(), 1, "policy:1: not a line of a policy", policy="khong hieu\n")
        policy = Example().policy()
        mot, hai = (witness.text for witness in Example().witnesses)
        ways = [
            ("quorum ca-hai", "quorum ai", "policy:6: not a line"), ("ca-hai all", "ca-hai 3", "not a number of members"),
            ("ca-hai all", "ca-hai 02", "not a number of members"), ("all mot hai", "all mot ba", "not defined above"),
            ("mot+", "mat+", "not a verifier key"), ("quorum ca-hai", "", "needs a log and a quorum"),
            ("all mot hai", "2 mot mot", "in a group already"), (hai, mot, "one key counts once"),
            ("witness hai", "witness mot", "policy:4: not a line"), ("group ca-hai", "group none", "policy:5: not a line"),
            ("quorum", "group cung any mot\nquorum", "policy:6: a member is not defined above, or in a group already"),
        ]
        for old, new, words in ways:
            self.check(Example(), 1, words, policy=policy.replace(old, new))

    def test_another_log_of_the_policy_signs_nothing_of_this_one(self):
        evil, example = Key("socai/khac", 1), Example()
        example.log, example.ledger = evil, Ledger(evil).history().close()
        example.bundle = hand_made.Bundle(example.ledger, example.witnesses, [(11, [])])
        policy = f"log {Key(ORIGIN, 1).text}\n{example.policy('none')}"
        self.check(example, 1, "no signature by a log key of the policy", policy=policy)

    def test_a_policy_is_named_with_or_without_the_option(self):
        with tempfile.TemporaryDirectory() as folder:
            hand_made.main(folder)
            bundle, policy = f"{folder}/bundle.zip", f"{folder}/policy"
            with contextlib.redirect_stdout(io.StringIO()):
                for arguments in ([bundle, policy], [bundle, "--policy", policy], ["--policy", policy, bundle]):
                    self.assertEqual(verify.main(arguments), 0)
                for arguments in ([], ["--policy"], ["--policy", policy], [bundle, policy, policy]):
                    self.assertRaises(SystemExit, verify.main, arguments)

    def test_dates_and_times_that_no_clock_shows_are_still_compared(self):
        for day, words in (("9999-12-31", "valid"), ("0000-02-29", "back-dated: effective 0000-02-29"), ("0001-01-01", "back-dated")):
            self.check(Example(change=lambda ledger: ledger.add("obligation.t_a", "task.confirmed.v1", {}, time=f"{day}T00:00:00+07:00")), 0, words)
        size = len(Example().ledger.records)
        for time in (0, 1 << 40, (1 << 63) - 1):
            self.check(Example(signings=[(2, [time]), (size, [time, time])]), 0, "which the cosignatures contradict")
        self.check(Example(signings=[(size, [1 << 63, 1])]), 1, "bad cosignature by lam-chung/mot")

    def test_json_has_one_spelling(self):
        def altered(name, old, new):
            example = Example()
            content = example.bundle.list_files() if name == "manifest.json" else example.bundle.files[name]
            self.assertIn(old, content)
            changed = content.replace(old, new, 1)
            if name == "manifest.json":
                example.bundle.list_files = lambda: changed
            else:
                example.bundle.files[name] = changed
            self.check(example, 1, f"{name}: not written exactly as the format says")

        for old, new in ((b"\n", b"\r\n"), (b"\n", b""), (b"socai/thu", b"socai\\/thu"), (b'"index":1', b'"index": 1'), (b'"index":1', b'"index":1.0'),
                         (b'"index":1', b'"index":true'), (b'"selected":[1', b'"selected":[true'), (b'"index":1', b'"index":-1'),
                         (b'"index":1', b'"index":1,"more":1'), (b'"from":"2024-01-01",', b""), (b'"unit":"a"', b'"who":"a"')):
            altered("manifest.json", old, new)
        for old, new in ((b"\n", b"\n\n"), (b'"size":9', b'"size":9.0'), (b'"revision":1', b'"revision":"1"'), (b'{"size":9,', b'{"size":9,"more":0,')):
            altered("heads.json", old, new)

    def test_a_position_that_is_true_is_no_position(self):
        example = Example()
        for name in ("records/1.json", "proofs/1.tlog-proof"):
            example.bundle.files[name.replace("1", "True", 1)] = example.bundle.files.pop(name)
        example.bundle.manifest["selected"][0] = True
        self.check(example, 1, "manifest.json: not written exactly as the format says")

    def test_signatures_are_at_most_a_hundred_with_names_of_keys(self):
        def with_lines(lines):
            example = Example()
            example.bundle.files["checkpoints/7-1.note"] += b"".join(lines)
            return example

        known = Key("ai/do", 1).line(b"x")
        self.check(with_lines([known] * 99), 0)
        self.check(with_lines([known] * 100), 1, "more than 100 signatures")
        for name, words in (("ai+do", "not a signature"), ("ai\u0085do", "not a signature"), ("ai\tdo", "not a signed note"), ("ai\x01do", "not a signed note")):
            self.check(with_lines([known.replace(b"ai/do", name.encode())]), 1, words)
        self.check(with_lines([known.replace(b"ai/do", b"ai\xff")]), 1, "not a signed note")
        self.check(with_lines(["— ai AAAA\n".encode()]), 1, "not a signature")

    def test_a_consistency_proof_is_lines(self):
        for change in (lambda proof: proof[:-1], lambda proof: proof.replace(b"\n", b"\r\n"), lambda proof: proof + b"\n"):
            example = Example()
            example.bundle.files["checkpoints/2.consistency"] = change(example.bundle.files["checkpoints/2.consistency"])
            self.check(example, 1, "checkpoints/2")

    def test_nothing_is_around_or_between_the_files_of_a_zip(self):
        zipped = Example().bundle.zip()
        for altered in (zipped + b"x", zipped + zipped[-22:], zipped + zipped, b"MZ" * 50 + zipped, zipped[:-1], zipped[:-22], zipped[:-2] + b"\1\0x"):
            self.check(altered, 1, "not the zip of a bundle")

        def packed(at, name=None, **facts):
            """The example's zip, with one entry that is told otherwise."""
            made, example = io.BytesIO(), Example()
            files = {**example.bundle.files, "manifest.json": example.bundle.list_files()}
            with zipfile.ZipFile(made, "w") as archive:
                for one, data in sorted(files.items()):
                    if one == at and name:
                        archive.writestr(name, b"<h1>another page</h1>")
                        if not facts:
                            del archive.filelist[-1], archive.NameToInfo[name]
                    entry = zipfile.ZipInfo(one)
                    entry.create_system, entry.external_attr, entry.compress_type = 3, 0o100644 << 16, 8
                    for fact, value in facts.items() if one == at else ():
                        setattr(entry, fact, value)
                    archive.writestr(entry, data)
            return made.getvalue()

        self.check(packed("nowhere"), 0)
        for at, name in (("VERIFY.md", "index.html"), ("records/1.json", "records/0.json")):
            self.check(packed(at, name), 1)
        unicode_path = struct.pack("<HHBI", 0x7075, 15, 1, 0) + b"other.html"
        for facts in ({"extra": unicode_path}, {"comment": b"x"}, {"compress_type": 0}, {"external_attr": 0o120777 << 16}, {"date_time": (2024, 1, 1, 0, 0, 0)}):
            self.check(packed("index.html", **facts), 1)
        self.check(zipped.replace(b"index.html", b"indey.html", 1), 1, "not the zip of a bundle")
        self.check(zipped.replace(b"index.html", b"manifest.j", 1), 1)

    def test_a_zip_of_more_than_65535_files_ends_as_zip64_says(self):
        made = hand_made.zip_of({f"{number:06}": b"" for number in range(66_000)})
        with tempfile.NamedTemporaryFile() as file:
            file.write(made)
            file.flush()
            self.assertEqual(len(verify.unpack(file.name)), 66_000)
            self.assertEqual(len(zipfile.ZipFile(file.name).infolist()), 66_000)

    def test_proofs_lead_where_they_should_at_every_size(self):
        leaves = [leaf_hash(bytes([number])) for number in range(40)]
        for size in range(1, len(leaves) + 1):
            root = root_of(leaves[:size])
            self.assertEqual(verify.tree_root(leaves[:size]), root)
            for index in range(size):
                path = inclusion(leaves[:size], index)
                self.assertEqual(verify.led_to(leaves[index], index, size, path), root)
                for wrong in (path[:-1] or [root], path + [root], [root] + path):
                    self.assertNotEqual(verify.led_to(leaves[index], index, size, wrong), root)
                for other in {-1, index - 1, index + 1, size, size + index} - {index}:
                    self.assertNotEqual(verify.led_to(leaves[index], other, size, path), root)
            for old in range(1, size):
                path, before = consistency(leaves[:size], old), root_of(leaves[:old])
                self.assertEqual(verify.grown(old, size, path, before), (before, root))
                for wrong in (path[:-1], path + [root], [root] + path):
                    self.assertNotEqual(verify.grown(old, size, wrong, before), (before, root))

    @staticmethod
    def drop(example, position):
        """Leaves a record out, as a careful liar does: from the manifest's lists as well."""
        for name in (f"records/{position}.json", f"proofs/{position}.tlog-proof"):
            del example.bundle.files[name]
        for part in ("selected", "tail"):
            kept = [other for other in example.bundle.manifest[part] if other != position]
            example.bundle.manifest[part] = kept


if __name__ == "__main__":
    unittest.main()
