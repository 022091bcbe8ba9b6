//! Blobs as files in a directory.
