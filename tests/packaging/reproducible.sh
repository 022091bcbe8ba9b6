#!/usr/bin/env bash
# Whether what is handed out of the last commit is the same bytes wherever it is built: two clones in folders of different
# length, each with a build folder of its own. Two release builds take a quarter of an hour on an idle machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
for folder in "$scratch/one" "$scratch/another/with-a-longer-name"; do
    git clone --quiet --no-hardlinks . "$folder"
    env --unset=CARGO_TARGET_DIR --unset=SOURCE_DATE_EPOCH "$folder/ops/release.sh" --out "$folder/out" >/dev/null
done
diff "$scratch/one/out/SHA256SUMS" "$scratch/another/with-a-longer-name/out/SHA256SUMS"
echo "the same bytes twice:"
cat "$scratch/one/out/SHA256SUMS"
