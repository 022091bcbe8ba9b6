//! How documents relate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one document relates to another (`from` relation `to`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Thực hiện, tổ chức thực hiện, triển khai.
    Implements,
    /// Tiếp tục thực hiện.
    Continues,
    /// Hướng dẫn.
    Guides,
    /// Tuyên truyền.
    Publicises,
    /// Sơ kết.
    ReviewsInterim,
    /// Tổng kết.
    ReviewsFinal,
    /// Gắn với.
    LinkedWith,
    /// Theo chỉ đạo tại.
    DirectedBy,
    /// Kế hoạch cho.
    PlansFor,
    /// Căn cứ.
    BasedOn,
    /// Sửa đổi, bổ sung.
    Amends,
    /// Thay thế.
    Replaces,
    /// Bãi bỏ.
    Abolishes,
    /// Hợp nhất.
    Consolidates,
    /// Đính chính.
    Corrects,
    /// Ban hành kèm theo.
    AttachedTo,
}

impl Relation {
    /// Whether `from` is issued under `to`, so that what `from` asks for counts for `to` as well.
    ///
    /// A soft link, a legal basis and the relations between versions of a norm carry nothing down.
    pub const fn carries_down(self) -> bool {
        match self {
            Self::Implements
            | Self::Continues
            | Self::Guides
            | Self::Publicises
            | Self::ReviewsInterim
            | Self::ReviewsFinal
            | Self::DirectedBy
            | Self::PlansFor
            | Self::AttachedTo => true,
            Self::LinkedWith
            | Self::BasedOn
            | Self::Amends
            | Self::Replaces
            | Self::Abolishes
            | Self::Consolidates
            | Self::Corrects => false,
        }
    }

    /// The relation's name in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Implements => "implements",
            Self::Continues => "continues",
            Self::Guides => "guides",
            Self::Publicises => "publicises",
            Self::ReviewsInterim => "reviews_interim",
            Self::ReviewsFinal => "reviews_final",
            Self::LinkedWith => "linked_with",
            Self::DirectedBy => "directed_by",
            Self::PlansFor => "plans_for",
            Self::BasedOn => "based_on",
            Self::Amends => "amends",
            Self::Replaces => "replaces",
            Self::Abolishes => "abolishes",
            Self::Consolidates => "consolidates",
            Self::Corrects => "corrects",
            Self::AttachedTo => "attached_to",
        }
    }

    /// The relation in Vietnamese, as read from `from` to `to`.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Implements => "thực hiện",
            Self::Continues => "tiếp tục thực hiện",
            Self::Guides => "hướng dẫn",
            Self::Publicises => "tuyên truyền",
            Self::ReviewsInterim => "sơ kết",
            Self::ReviewsFinal => "tổng kết",
            Self::LinkedWith => "gắn với",
            Self::DirectedBy => "theo chỉ đạo tại",
            Self::PlansFor => "kế hoạch cho",
            Self::BasedOn => "căn cứ",
            Self::Amends => "sửa đổi, bổ sung",
            Self::Replaces => "thay thế",
            Self::Abolishes => "bãi bỏ",
            Self::Consolidates => "hợp nhất",
            Self::Corrects => "đính chính",
            Self::AttachedTo => "ban hành kèm theo",
        }
    }
}
