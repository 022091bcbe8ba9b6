//! The parts of an image, each between itself and its words.

use std::io::{self, Write};

use socai_domain::obligation::Kind;
use socai_domain::standing::Confirmation;

use super::wire::{In, Out, Words};
use crate::chunked::Chunked;
use crate::day::Day;
use crate::digest::{Codes, Phase};
use crate::entry::{Entry, Journal};
use crate::names::Names;
use crate::row::{Aside, Opened, Row, Transfer};
use crate::table::{Owed, Table};

impl Words<4> for Entry {
    fn words(&self) -> [u32; 4] {
        Entry::words(*self)
    }
    fn from_words(words: [u32; 4]) -> Option<Self> {
        Some(Entry::from_words(words))
    }
}

impl Words<2> for (u32, Day) {
    fn words(&self) -> [u32; 2] {
        [self.0, self.1.word()]
    }
    fn from_words([position, day]: [u32; 2]) -> Option<Self> {
        Some((position, Day::from_word(day)))
    }
}

impl Words<3> for Transfer {
    fn words(&self) -> [u32; 3] {
        let Self { revision, on, to } = *self;
        [revision, on.word(), to]
    }
    fn from_words([revision, on, to]: [u32; 3]) -> Option<Self> {
        Some(Self {
            revision,
            on: Day::from_word(on),
            to,
        })
    }
}

impl Words<4> for Phase {
    fn words(&self) -> [u32; 4] {
        let Self {
            from,
            due,
            original,
            codes,
        } = *self;
        [from.word(), due.word(), original.word(), codes.bits()]
    }
    fn from_words([from, due, original, codes]: [u32; 4]) -> Option<Self> {
        let [from, due, original] = [from, due, original].map(Day::from_word);
        Some(Self {
            from,
            due,
            original,
            codes: Codes::from_bits(codes),
        })
    }
}

impl Words<9> for Row {
    fn words(&self) -> [u32; 9] {
        let Self {
            unit,
            opened,
            due,
            changed,
            bits,
            aside,
            last,
            revision,
            of_unit,
        } = *self;
        [
            unit,
            opened,
            due.word(),
            changed.word(),
            bits,
            aside,
            last,
            revision,
            of_unit,
        ]
    }
    fn from_words(words: [u32; 9]) -> Option<Self> {
        let [
            unit,
            opened,
            due,
            changed,
            bits,
            aside,
            last,
            revision,
            of_unit,
        ] = words;
        let [due, changed] = [due, changed].map(Day::from_word);
        Some(Self {
            unit,
            opened,
            due,
            changed,
            bits,
            aside,
            last,
            revision,
            of_unit,
        })
    }
}

impl Words<17> for Opened {
    fn words(&self) -> [u32; 17] {
        let Self {
            kind,
            maker,
            period,
            window,
            document,
            assigner,
            opened,
            due,
            due_set,
            confirmation,
            first_row,
            rows,
            position,
            due_set_at,
            previous,
        } = *self;
        let [window_from, window_to, opened, due, set_from, set_due] =
            [window.0, window.1, opened, due, due_set.0, due_set.1].map(Day::word);
        [
            kind_word(kind),
            maker,
            period,
            window_from,
            window_to,
            document,
            assigner,
            opened,
            due,
            set_from,
            set_due,
            confirmation_word(confirmation),
            first_row,
            rows,
            position,
            due_set_at,
            previous,
        ]
    }

    fn from_words(words: [u32; 17]) -> Option<Self> {
        let [
            kind,
            maker,
            period,
            window_from,
            window_to,
            document,
            assigner,
            rest @ ..,
        ] = words;
        let [opened, due, set_from, set_due, confirmation, rest @ ..] = rest;
        let [first_row, rows, position, due_set_at, previous] = rest;
        let [window_from, window_to, opened, due, set_from, set_due] =
            [window_from, window_to, opened, due, set_from, set_due].map(Day::from_word);
        Some(Self {
            kind: kind_of(kind)?,
            maker,
            period,
            window: (window_from, window_to),
            document,
            assigner,
            opened,
            due,
            due_set: (set_from, set_due),
            confirmation: confirmation_of(confirmation)?,
            first_row,
            rows,
            position,
            due_set_at,
            previous,
        })
    }
}

const fn kind_word(kind: Kind) -> u32 {
    match kind {
        Kind::Report => 0,
        Kind::Task => 1,
    }
}

const fn kind_of(word: u32) -> Option<Kind> {
    match word {
        0 => Some(Kind::Report),
        1 => Some(Kind::Task),
        _ => None,
    }
}

fn confirmation_word(confirmation: Confirmation) -> u32 {
    match confirmation {
        Confirmation::Required => 0,
        Confirmation::NotRequired => 1,
        Confirmation::AfterDays(days) => 2 + u32::from(days),
    }
}

fn confirmation_of(word: u32) -> Option<Confirmation> {
    match word {
        0 => Some(Confirmation::Required),
        1 => Some(Confirmation::NotRequired),
        days => u16::try_from(days - 2).ok().map(Confirmation::AfterDays),
    }
}

fn write_chunked<const N: usize, T: Words<N>>(
    out: &mut Out<impl Write>,
    items: &Chunked<T>,
) -> io::Result<()> {
    out.u64(items.len() as u64)?;
    out.items(items.chunks().flatten())
}

fn read_chunked<const N: usize, T: Words<N>>(parts: &mut In<'_>) -> Option<Chunked<T>> {
    Chunked::collect(parts.items()?)
}

impl Journal {
    pub(crate) fn write(&self, out: &mut Out<impl Write>) -> io::Result<()> {
        write_chunked(out, &self.entries)?;
        out.list(self.arguments.iter())
    }

    pub(crate) fn read(&mut self, parts: &mut In<'_>) -> Option<()> {
        self.entries = read_chunked(parts)?;
        self.arguments = parts.list()?;
        Some(())
    }
}

fn write_names(out: &mut Out<impl Write>, names: &Names) -> io::Result<()> {
    let (text, ends) = names.parts();
    out.bytes(text.as_bytes())?;
    out.list(ends.iter())
}

fn read_names(parts: &mut In<'_>) -> Option<Names> {
    let text = parts.text()?.to_owned();
    Names::of_parts(text, parts.list()?)
}

impl Aside {
    fn write(&self, out: &mut Out<impl Write>) -> io::Result<()> {
        out.list(self.transfers().iter())?;
        out.list(self.phases().iter())
    }

    fn read(parts: &mut In<'_>) -> Option<Self> {
        let transfers = parts.list()?;
        Some(Self::of_parts(transfers, &parts.list::<4, Phase>()?))
    }
}

impl Owed {
    fn write(&self, out: &mut Out<impl Write>) -> io::Result<()> {
        out.u32(self.last)?;
        out.list(self.taken.iter())
    }

    fn read(parts: &mut In<'_>) -> Option<Self> {
        Some(Self {
            last: parts.u32()?,
            taken: parts.list()?,
        })
    }
}

impl Table {
    pub(crate) fn write(&self, out: &mut Out<impl Write>) -> io::Result<()> {
        for names in [&self.units, &self.documents, &self.makers, &self.accounts] {
            write_names(out, names)?;
        }
        out.list(self.opened.iter())?;
        write_chunked(out, &self.rows)?;
        out.u64(self.asides.len() as u64)?;
        self.asides.iter().try_for_each(|aside| aside.write(out))?;
        out.list(self.made.iter())?;
        out.u64(self.owed.len() as u64)?;
        self.owed.iter().try_for_each(|owed| owed.write(out))
    }

    pub(crate) fn read(&mut self, parts: &mut In<'_>) -> Option<()> {
        self.units = read_names(parts)?;
        self.documents = read_names(parts)?;
        self.makers = read_names(parts)?;
        self.accounts = read_names(parts)?;
        self.opened = parts.list()?;
        self.rows = read_chunked(parts)?;
        self.asides = (0..parts.u64()?)
            .map(|_| Aside::read(parts))
            .collect::<Option<_>>()?;
        self.made = parts.list()?;
        self.owed = (0..parts.u64()?)
            .map(|_| Owed::read(parts))
            .collect::<Option<_>>()?;
        Some(())
    }
}
