//! Enough of a reader of HTML to check a page: tags in balance, nothing fetched, cells of tables.

/// Elements that are never closed.
const VOID: [&str; 6] = ["meta", "br", "hr", "img", "input", "link"];

/// Whether every element is closed by its own end tag, in order, and no attribute holds markup.
pub(super) fn check_balanced(page: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for (tag, at) in tags(page) {
        if tag.starts_with('!') || tag.ends_with('/') {
            continue;
        }
        if quotes(tag) % 2 == 1 || tag.contains('<') {
            return Err(format!("markup within a tag at {at}: {tag}"));
        }
        match tag.strip_prefix('/') {
            Some(name) if open.pop() == Some(name) => {}
            Some(name) => return Err(format!("</{name}> at {at} closes nothing of its own")),
            None if VOID.contains(&name(tag)) => {}
            None => open.push(name(tag)),
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("never closed: {open:?}"))
    }
}

fn name(tag: &str) -> &str {
    tag.split_whitespace().next().unwrap_or_default()
}

fn quotes(tag: &str) -> usize {
    tag.matches('"').count()
}

/// What stands between `<` and `>`, with its place. A `>` in a text of ours is always escaped.
fn tags(page: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + page[from..].find('<')?;
        let end = start + page[start..].find('>')?;
        from = end + 1;
        Some((&page[start + 1..end], start))
    })
}

/// What a browser would ask another place for.
pub(super) fn fetches(page: &str) -> Vec<&str> {
    let signs = [
        " src=", " href=", "@import", "http:", "https:", "srcset", "<link", "<iframe",
    ];
    let mut found: Vec<&str> = signs
        .into_iter()
        .filter(|sign| page.contains(sign))
        .collect();
    let links = page.split("url(").skip(1);
    found.extend(links.filter(|link| !link.starts_with('#')).map(|_| "url("));
    found
}

/// The rows of all tables of a section, as the texts of their cells.
pub(super) fn rows(page: &str, section: &str) -> Vec<Vec<String>> {
    let start = page
        .find(&format!("id=\"{section}\""))
        .expect("the page has the section");
    let rest = &page[start..];
    let body = &rest[..rest.find("</section>").expect("a section ends")];
    body.split("<tr").skip(1).map(cells).collect()
}

fn cells(row: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut rest = &row[row.find('>').map_or(0, |end| end + 1)..];
    while let Some((start, close)) = next_cell(rest) {
        let inside = &rest[start..];
        let from = inside.find('>').map_or(0, |end| end + 1);
        let to = inside.find(close).unwrap_or(inside.len());
        cells.push(text(&inside[from..to]));
        rest = &inside[to + close.len()..];
    }
    cells
}

fn next_cell(rest: &str) -> Option<(usize, &'static str)> {
    let heads = rest.find("<th ").map(|at| (at, "</th>"));
    let data = rest.find("<td").map(|at| (at, "</td>"));
    heads.into_iter().chain(data).min()
}

/// The text without tags, entities read.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    entities
        .into_iter()
        .fold(text, |text, (entity, letter)| text.replace(entity, letter))
}
