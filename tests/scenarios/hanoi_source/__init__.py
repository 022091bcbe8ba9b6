"""Where the lines of the Hà Nội scenario come from. See ../README.md."""
