package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// tileFiles reads hash tiles of height 8 below a folder, at the paths of C2SP tlog-tiles. The package
// tlog has the height in its paths, which C2SP leaves out.
type tileFiles struct{ dir string }

func (t tileFiles) Height() int { return 8 }

func (t tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

// hashesOf answers every hash of the tree as the tiles have it. The reader compares them with the root, but
// in this version of the package not every tile, so nothing is believed before a proof is checked.
func hashesOf(tree tlog.Tree, dir string) (tlog.HashReader, error) {
	indexes := make([]int64, tlog.StoredHashIndex(0, tree.N))
	for i := range indexes {
		indexes[i] = int64(i)
	}
	hashes, err := tlog.TileHashReader(tree, tileFiles{dir}).ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	return tlog.HashReaderFunc(func(wanted []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range wanted {
			found = append(found, hashes[index])
		}
		return found, nil
	}), nil
}

// checkTiles checks the checkpoint of a log, every record against it, and older checkpoints.
func checkTiles(known *trusted, dir, records string, older []string) (string, error) {
	latest, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return "", err
	}
	tree, err := known.openCosigned(latest)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	hashes, err := hashesOf(tree, dir)
	if err != nil {
		return "", fmt.Errorf("tiles: %w", err)
	}
	if err := checkRecords(tree, hashes, records); err != nil {
		return "", err
	}
	for _, path := range older {
		if err := checkOlder(known, tree, hashes, path); err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
	}
	return fmt.Sprintf("%d records, and %d older checkpoints", tree.N, len(older)), nil
}

// checkRecords proves every record from the tiles.
func checkRecords(tree tlog.Tree, hashes tlog.HashReader, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	records := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	if int64(len(records)) != tree.N {
		return fmt.Errorf("the checkpoint covers %d records, and %d are there", tree.N, len(records))
	}
	for i, record := range records {
		proof, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		if err == nil {
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(record))
		}
		if err != nil {
			return fmt.Errorf("record %d: %w", i, err)
		}
	}
	return nil
}

// checkOlder proves that the tree grew out of the one of an older checkpoint.
func checkOlder(known *trusted, tree tlog.Tree, hashes tlog.HashReader, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	old, err := known.open(text)
	if err != nil || old.N == 0 {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}
