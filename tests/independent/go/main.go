// Command go checks a ledger's transparency log, or an evidence bundle, with Go's own packages for
// signed notes and tiled logs and with nothing of this project.
//
//	go tiles  -key KEY… -dir DIR -records FILE [OLDER…]
//	go bundle -key KEY… -dir DIR
//
// It prints one line. Its exit status is 0 when everything holds, and 1 with what does not.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	said, err := run(os.Args[1:])
	if err != nil {
		fmt.Println("does not hold:", err)
		os.Exit(1)
	}
	fmt.Println("holds:", said)
}

// texts is a flag that may be given several times.
type texts []string

func (t *texts) String() string { return strings.Join(*t, " ") }

func (t *texts) Set(text string) error {
	*t = append(*t, text)
	return nil
}

func run(arguments []string) (string, error) {
	if len(arguments) == 0 {
		return "", fmt.Errorf("say tiles or bundle")
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	var keys texts
	flags.Var(&keys, "key", "verifier key of the log or of a witness; the first is the log's")
	quorum := flags.Int("cosignatures", 0, "how many of the witnesses must have signed")
	dir := flags.String("dir", "", "folder of the log (checkpoint, tile/), or of the unzipped bundle")
	records := flags.String("records", "", "the records, one a line")
	if err := flags.Parse(arguments[1:]); err != nil {
		return "", err
	}
	known, err := newTrusted(keys, *quorum)
	if err != nil {
		return "", err
	}
	switch arguments[0] {
	case "tiles":
		return checkTiles(known, *dir, *records, flags.Args())
	case "bundle":
		return checkBundle(known, *dir)
	}
	return "", fmt.Errorf("say tiles or bundle, not %s", arguments[0])
}
