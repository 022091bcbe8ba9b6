//! The image, kept beside the log so that opening is quick. Only ever a convenience: one that cannot
//! be read is passed over, and the log is folded instead.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use socai_ledger::image::Image;
use socai_store::Position;

/// Events that make a new snapshot worth its writing.
pub const WORTH_EVENTS: u64 = 20_000;

/// A snapshot that is kept, whatever is in it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Where it stands.
    pub position: Position,
    /// Its file.
    pub path: PathBuf,
}

impl Kept {
    /// The image in it, if it can be read and stands there.
    pub fn read(&self) -> Option<Image> {
        let file = File::open(&self.path).ok()?;
        let image = Image::read_snapshot(&mut BufReader::new(file)).ok()?;
        (image.position() == self.position).then_some(image)
    }
}

/// A directory of snapshots, each named for the position it stands at.
pub struct Snapshots {
    dir: PathBuf,
}

impl Snapshots {
    /// The snapshots of the ledger in `data`.
    pub fn of(data: &Path) -> Self {
        Self {
            dir: data.join("image"),
        }
    }

    /// The latest image that stands at `until` or before, if one can be read.
    pub fn latest(&self, until: Option<Position>) -> Option<Image> {
        self.kept(until).iter().find_map(Kept::read)
    }

    /// What is kept at `until` or before, the latest first.
    pub fn kept(&self, until: Option<Position>) -> Vec<Kept> {
        let mut positions = self.positions();
        positions.retain(|position| until.is_none_or(|until| *position <= until.0));
        positions.sort_unstable_by(|one, other| other.cmp(one));
        let kept = |position| Kept {
            position: Position(position),
            path: self.path(position),
        };
        positions.into_iter().map(kept).collect()
    }

    /// Keeps `image` and forgets all others. A crash leaves the ones before, or both.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be written.
    pub fn keep(&self, image: &Image) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let (position, earlier) = (image.position().0, self.positions());
        let (draft, kept) = (self.dir.join("draft"), self.path(position));
        let mut file = BufWriter::new(File::create(&draft)?);
        image.write_snapshot(&mut file).map_err(io::Error::other)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(&draft, &kept)?;
        File::open(&self.dir)?.sync_all()?;
        for position in earlier.into_iter().filter(|earlier| *earlier != position) {
            fs::remove_file(self.path(position))?;
        }
        Ok(())
    }

    fn path(&self, position: u64) -> PathBuf {
        self.dir.join(format!("{position:020}.image"))
    }

    fn positions(&self) -> Vec<u64> {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return Vec::new();
        };
        let position = |entry: io::Result<fs::DirEntry>| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_suffix(".image")?.parse().ok()
        };
        entries.filter_map(position).collect()
    }
}
