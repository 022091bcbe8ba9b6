package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkpoint is a note of the bundle: the n-th of its size.
type checkpoint struct {
	name string
	n    int
	text []byte
	tree tlog.Tree
}

// checkBundle checks every checkpoint of an unzipped bundle, that each is consistent with the top one,
// and every record against it. That nothing is missing is not for these packages to say.
func checkBundle(known *trusted, dir string) (string, error) {
	notes, top, err := readCheckpoints(known, dir)
	if err != nil {
		return "", err
	}
	if _, err := known.openCosigned(top.text); err != nil {
		return "", fmt.Errorf("%s: %w", top.name, err)
	}
	for _, note := range notes {
		if err := checkConsistent(dir, note, top); err != nil {
			return "", fmt.Errorf("%s: %w", note.name, err)
		}
	}
	records, err := filepath.Glob(filepath.Join(dir, "records", "*.json"))
	if err != nil || len(records) == 0 {
		return "", fmt.Errorf("no records (%v)", err)
	}
	for _, path := range records {
		if err := checkProof(dir, path, top); err != nil {
			return "", fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return fmt.Sprintf("%d records, and %d checkpoints", len(records), len(notes)), nil
}

// readCheckpoints answers all checkpoints, and the last of the largest size.
func readCheckpoints(known *trusted, dir string) (notes []checkpoint, top checkpoint, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*.note"))
	if err != nil || len(paths) == 0 {
		return nil, top, fmt.Errorf("no checkpoints (%v)", err)
	}
	for _, path := range paths {
		note := checkpoint{name: filepath.Base(path)}
		if note.text, err = os.ReadFile(path); err != nil {
			return nil, top, err
		}
		if note.tree, err = known.open(note.text); err != nil {
			return nil, top, fmt.Errorf("%s: %w", note.name, err)
		}
		var size int64
		if _, err := fmt.Sscanf(note.name, "%d-%d.note", &size, &note.n); err != nil || size != note.tree.N {
			return nil, top, fmt.Errorf("%s: a checkpoint of size %d (%v)", note.name, note.tree.N, err)
		}
		notes = append(notes, note)
		if size > top.tree.N || size == top.tree.N && note.n > top.n {
			top = note
		}
	}
	return notes, top, nil
}

// checkConsistent proves that the top checkpoint's tree grew out of the one of note.
func checkConsistent(dir string, note, top checkpoint) error {
	if note.tree.N == top.tree.N {
		if note.tree.Hash != top.tree.Hash {
			return fmt.Errorf("two histories of size %d", top.tree.N)
		}
		return nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "checkpoints", fmt.Sprintf("%d.consistency", note.tree.N)))
	if err != nil || note.tree.N == 0 {
		return err
	}
	proof, err := parseHashes(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
	if err != nil {
		return err
	}
	return tlog.CheckTree(tlog.TreeProof(proof), top.tree.N, top.tree.Hash, note.tree.N, note.tree.Hash)
}

// checkProof reads a C2SP tlog-proof file and checks the record by it.
func checkProof(dir, path string, top checkpoint) error {
	record, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	position := strings.TrimSuffix(filepath.Base(path), ".json")
	index, err := strconv.ParseInt(position, 10, 64)
	if err != nil {
		return err
	}
	index--
	text, err := os.ReadFile(filepath.Join(dir, "proofs", position+".tlog-proof"))
	if err != nil {
		return err
	}
	parts := bytes.SplitN(text, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", index) {
		return fmt.Errorf("not a proof of index %d", index)
	}
	if !bytes.Equal(parts[1], top.text) {
		return fmt.Errorf("its proof does not end with the checkpoint %s", top.name)
	}
	proof, err := parseHashes(lines[2:])
	if err != nil {
		return err
	}
	return tlog.CheckRecord(tlog.RecordProof(proof), top.tree.N, top.tree.Hash, index, tlog.RecordHash(record))
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}
