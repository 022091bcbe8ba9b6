//! Tiles and checkpoints as files.
