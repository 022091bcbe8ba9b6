"""What ops/verify/verify.py accepts and rejects, over bundles made by hand: python3 -m unittest."""
import contextlib, io, json, os, sys, tempfile, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "ops", "verify")]
sys.dont_write_bytecode = True

import hand_made
import verify
from hand_made import DAY, START, Example, Key, b64


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
        bundle.files["checkpoints/2-1.note"] = bundle.note(7, [1, 2]).replace(b"\n7\n", b"\n2\n")
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
        example.bundle.files["heads.json"] = json.dumps(heads).encode()
        self.check(example, 1, "two items of one index")

    def test_a_lie_about_an_absent_stream_is_found(self):
        example = Example()
        self.assertIn({"stream": "obligation.r_2024-q1_z", "revision": 0, "last": 0}, example.bundle.manifest["streams"])
        heads = json.loads(example.bundle.files["heads.json"])
        heads["items"] = [item for item in heads["items"] if item["stream"] != "obligation.t_a"]
        example.bundle.files["heads.json"] = json.dumps(heads).encode()
        self.check(example, 1, "stream obligation.r_2024-q1_z: nothing in heads.json proves")

    def test_a_head_must_lead_to_the_sealed_root(self):
        example = Example()
        heads = json.loads(example.bundle.files["heads.json"])
        heads["items"][0]["path"][0] = b64(b"\0" * 32)
        example.bundle.files["heads.json"] = json.dumps(heads).encode()
        self.check(example, 1, "is not under the root")

    def test_heads_that_were_not_sealed_prove_nothing(self):
        example = Example()
        heads = json.loads(example.bundle.files["heads.json"])
        heads["root"] = b64(b"\0" * 32)
        example.bundle.files["heads.json"] = json.dumps(heads).encode()
        self.check(example, 1, "does not seal these heads")

    def test_a_key_counts_only_where_the_ledger_named_it_and_until_it_is_retired(self):
        def retired(reason, valid_to):
            return lambda ledger: ledger.add("ledger.main", "ledger.log_key_retired.v1", {"key": ledger.log.text, "valid_to": valid_to, "reason": reason})

        self.check(Example(change=retired("rotation", 3)), 1, "no signature by a log key that counts at size 7")
        self.check(Example(change=retired("rotation", 99)), 0)
        self.check(Example(change=retired("stolen", 99)), 1, "its log key was stolen")

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
        for name, words in (("../x", "not a name"), ("/x", "not a name"), ("x//y", "not a name"), ("x", "not listed")):
            example = Example()
            files, manifest = example.bundle.files, example.bundle.list_files()
            files[name] = b""
            example.bundle.list_files = lambda manifest=manifest: manifest
            self.check(example, 1, words)
        example = Example()
        example.bundle.files["index.html"] = b"\0" * (2 << 20)
        self.check(example, 1, "packed too tightly")
        self.check(b"not a zip", 1, "cannot be read")

    def test_a_file_that_is_missing_is_named(self):
        for name in ("index.html", "records/6.json", "checkpoints/2.consistency"):
            example = Example()
            del example.bundle.files[name]
            self.check(example, 1, f"{name}: missing")
        example = Example()
        manifest = example.bundle.list_files()
        del example.bundle.files["VERIFY.md"]
        example.bundle.list_files = lambda: manifest
        self.check(example, 1, "VERIFY.md: listed in manifest.json, but missing")

    def test_a_checkpoint_that_is_written_otherwise_is_not_read(self):
        ways = [(b"\n\n", b"\n", "not a signed note"), (b"\n7\n", b"\n07\n", "not a checkpoint of size 7"), ("\u2014".encode(), b"-", "not a signature")]
        for old, new, words in ways:
            example = Example()
            note = example.bundle.files["checkpoints/7-1.note"]
            example.bundle.files["checkpoints/7-1.note"] = note.replace(old, new, 1)
            self.check(example, 1, words)

    def test_a_hash_has_one_spelling(self):
        for change, words in ((lambda text: text[:-2] + "B=", "stray bits"), (lambda text: "!" + text[1:], "not base64"), (lambda text: "AAAA", "3 bytes where 32 belong")):
            example = Example()
            lines = example.bundle.files["checkpoints/2.consistency"].decode().splitlines()
            lines[0] = change(lines[0])
            example.bundle.files["checkpoints/2.consistency"] = "\n".join(lines).encode()
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
        self.check(Example(), 1, "names nobody: ai", policy=Example().policy("ai"))
        policy = Example().policy()
        self.check(Example(), 1, "not a number of members", policy=policy.replace("ca-hai all", "ca-hai 3"))
        self.check(Example(), 1, "names nobody: group", policy=policy.replace("all mot hai", "all mot ba"))
        self.check(Example(), 1, "not a verifier key", policy=policy.replace("mot+", "mat+"))
        self.check(Example(), 1, "needs a log and a quorum", policy=policy.replace("quorum ca-hai", ""))

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
