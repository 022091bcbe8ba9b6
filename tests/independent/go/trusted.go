package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner verifies cosignatures as C2SP tlog-cosignature describes them; the package note knows only
// signatures over the text itself.
type cosigner struct {
	name string
	key  []byte
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(c.name+"\n\x04"), c.key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (c cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

// newVerifier reads a verifier key of either kind.
func newVerifier(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) == 3 {
		key, err := base64.StdEncoding.DecodeString(parts[2])
		if err == nil && len(key) == 1+ed25519.PublicKeySize && key[0] == 4 {
			c := cosigner{parts[0], key[1:]}
			if fmt.Sprintf("%08x", c.KeyHash()) != parts[1] {
				return nil, fmt.Errorf("the key of %s does not have the hash %s", parts[0], parts[1])
			}
			return c, nil
		}
	}
	return note.NewVerifier(text)
}

// trusted is what the caller trusts: the log by its key, and so many of the witnesses.
type trusted struct {
	log    note.Verifier
	known  note.Verifiers
	quorum int
}

func newTrusted(keys []string, quorum int) (*trusted, error) {
	var list []note.Verifier
	for _, key := range keys {
		verifier, err := newVerifier(key)
		if err != nil {
			return nil, fmt.Errorf("-key %s: %w", key, err)
		}
		list = append(list, verifier)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("-key is missing")
	}
	return &trusted{list[0], note.VerifierList(list...), quorum}, nil
}

// open answers the tree of a checkpoint that the log signed.
func (t *trusted) open(text []byte) (tlog.Tree, error) {
	opened, err := note.Open(text, t.known)
	if err != nil {
		return tlog.Tree{}, err
	}
	for _, sig := range opened.Sigs {
		if sig.Name == t.log.Name() && sig.Hash == t.log.KeyHash() {
			return treeOf(opened.Text, t.log.Name())
		}
	}
	return tlog.Tree{}, fmt.Errorf("the log %s did not sign", t.log.Name())
}

// openCosigned is open, of a checkpoint that enough witnesses have signed as well.
func (t *trusted) openCosigned(text []byte) (tlog.Tree, error) {
	tree, err := t.open(text)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(text, t.known)
	if err == nil && len(opened.Sigs)-1 < t.quorum {
		err = fmt.Errorf("%d cosignatures, and %d are asked for", len(opened.Sigs)-1, t.quorum)
	}
	return tree, err
}

// treeOf reads a checkpoint's three lines.
func treeOf(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("a checkpoint has three lines, not %q", text)
	}
	if lines[0] != origin {
		return tlog.Tree{}, fmt.Errorf("a checkpoint of %s, not of %s", lines[0], origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("%q is no size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}
