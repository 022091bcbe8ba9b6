//! What an error of a use case is to whoever asked. The one place that says so.

use socai_app::attachments::{AuditError, EraseError, FetchError, StoreError};
use socai_app::audit::AuditError as WholeError;
use socai_app::evidence::EvidenceError;
use socai_app::heads::SealHeadsError;
use socai_app::ledger::LoadError;
use socai_app::live::ExecuteError;
use socai_app::receipt::ReceiptError;
use socai_app::records::RecordError;
use socai_app::review::ReviewError;
use socai_app::tree::TreeError;
use socai_store::blob::{GetError, PutError};
use socai_store::{AppendError, CheckpointError, ReadError, TileError, chain};

use crate::trouble::Trouble;

/// What asking again may come to.
enum Again {
    /// It may help later, without anybody looking into what there is.
    Helps,
    /// It tells whether this was recorded.
    Tells,
    /// It does not help.
    Fails,
}

/// An error that says what asking again may come to.
trait Passing: std::error::Error + Sized {
    fn again(&self) -> Again;

    fn told(&self) -> Trouble {
        let sentence = chain(self);
        match self.again() {
            Again::Helps => Trouble::Unavailable(sentence),
            Again::Tells => Trouble::Unknown(sentence),
            Again::Fails => Trouble::Stopped(sentence),
        }
    }
}

impl Passing for ReadError {
    fn again(&self) -> Again {
        match self {
            Self::Unavailable(_) => Again::Helps,
            Self::Corrupt { .. } => Again::Fails,
        }
    }
}

impl Passing for CheckpointError {
    fn again(&self) -> Again {
        match self {
            Self::Unavailable(_) => Again::Helps,
            Self::Corrupt { .. } => Again::Fails,
        }
    }
}

impl Passing for TileError {
    fn again(&self) -> Again {
        match self {
            Self::Unavailable(_) => Again::Helps,
            Self::Size { .. } | Self::Different { .. } | Self::Corrupt { .. } => Again::Fails,
        }
    }
}

impl Passing for LoadError {
    fn again(&self) -> Again {
        match self {
            Self::Read(error) => error.again(),
            Self::Fold(_) | Self::Empty => Again::Fails,
        }
    }
}

impl Passing for TreeError {
    fn again(&self) -> Again {
        match self {
            Self::Read(error) => error.again(),
            Self::Tiles(error) => error.again(),
            Self::Misfit(_) | Self::Ends { .. } => Again::Fails,
        }
    }
}

impl Passing for AppendError {
    fn again(&self) -> Again {
        match self {
            Self::Unavailable(_) | Self::Conflict { .. } => Again::Helps,
            Self::Unknown(_) => Again::Tells,
            Self::BatchSize { .. }
            | Self::TooLarge { .. }
            | Self::StreamTwice { .. }
            | Self::IdTaken { .. }
            | Self::ReadOnly => Again::Fails,
        }
    }
}

impl Passing for ExecuteError {
    fn again(&self) -> Again {
        match self {
            Self::Contended => Again::Helps,
            Self::Append(error) => error.again(),
            Self::Read(error) => error.again(),
            Self::Stopped { .. } => Again::Fails,
        }
    }
}

macro_rules! told_as_they_pass {
    ($($error:ty),+) => {
        $(impl From<$error> for Trouble {
            fn from(error: $error) -> Self {
                error.told()
            }
        })+
    };
}

told_as_they_pass!(
    ReadError,
    CheckpointError,
    TileError,
    LoadError,
    TreeError,
    ExecuteError
);

impl From<RecordError> for Trouble {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Refused(refused) => Self::Refused(refused),
            RecordError::Append(error) => error.told(),
            RecordError::Load(error) => error.told(),
            RecordError::Execute(error) => error.told(),
        }
    }
}

impl From<ReviewError> for Trouble {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::UnknownDocument(_) => Self::NotFound {
                parameter: "document".into(),
                sentence: error.to_string(),
            },
            ReviewError::WindowReversed { .. } => Self::parameter("to", error.to_string()),
            ReviewError::NotRead(_) => Self::Stopped(error.to_string()),
            ReviewError::Load(error) => error.told(),
        }
    }
}

impl From<EvidenceError> for Trouble {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Unknown { .. } => Self::NotFound {
                parameter: "of".into(),
                sentence: error.to_string(),
            },
            EvidenceError::NoExport { .. } => Self::NotFound {
                parameter: "export".into(),
                sentence: error.to_string(),
            },
            EvidenceError::TooMany { .. } => Self::parameter("to", error.to_string()),
            EvidenceError::Record(error) | EvidenceError::Heads(SealHeadsError::Record(error)) => {
                error.into()
            }
            EvidenceError::Heads(SealHeadsError::Contended) | EvidenceError::NotSealed(_) => {
                Self::Unavailable(chain(&error))
            }
            EvidenceError::Read(error) => error.told(),
            EvidenceError::Checkpoints(error) => error.told(),
            EvidenceError::Tree(error) => error.told(),
            EvidenceError::Load(error) => error.told(),
            EvidenceError::Heads(SealHeadsError::Differ { .. })
            | EvidenceError::Contradiction(_) => Self::Stopped(chain(&error)),
        }
    }
}

impl From<ReceiptError> for Trouble {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::NotThere { .. } => Self::NotFound {
                parameter: "position".into(),
                sentence: error.to_string(),
            },
            ReceiptError::NotSealed { .. } => Self::Unavailable(error.to_string()),
            ReceiptError::Read(error) => error.told(),
            ReceiptError::Checkpoints(error) => error.told(),
            ReceiptError::Tree(error) => error.told(),
            ReceiptError::NotANote(_)
            | ReceiptError::NotACheckpoint(_)
            | ReceiptError::Missing(_)
            | ReceiptError::NotProven { .. } => Self::Stopped(chain(&error)),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Put(PutError::TooLarge { .. }) => {
                Self::parameter("file", error.to_string())
            }
            StoreError::Put(PutError::Unavailable(_)) => Self::Unavailable(chain(&error)),
            StoreError::Put(PutError::Unknown(_)) => Self::Unknown(chain(&error)),
            StoreError::Record(error) => error.into(),
        }
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Unknown { .. } | FetchError::Erased { .. } => Self::NotFound {
                parameter: "attachment".into(),
                sentence: error.to_string(),
            },
            FetchError::Get(GetError::Unavailable(_)) => Self::Unavailable(chain(&error)),
            FetchError::Lost { .. }
            | FetchError::Get(GetError::NotThere { .. } | GetError::Corrupt { .. }) => {
                Self::Stopped(chain(&error))
            }
        }
    }
}

impl From<EraseError> for Trouble {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Record(error) => error.into(),
            EraseError::Blob(_) => Self::Unavailable(chain(&error)),
        }
    }
}

impl From<AuditError> for Trouble {
    fn from(error: AuditError) -> Self {
        Self::Unavailable(chain(&error))
    }
}

impl From<WholeError> for Trouble {
    fn from(error: WholeError) -> Self {
        match error {
            WholeError::Read(error) => error.told(),
            WholeError::Tiles(error) => error.told(),
            WholeError::Checkpoints(error) => error.told(),
            WholeError::Open(_) => Self::Unavailable(chain(&error)),
        }
    }
}
