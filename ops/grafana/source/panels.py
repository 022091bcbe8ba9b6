"""What dashboards are made of: queries, panels, variables, annotations, and the page that they stand on."""

import re

from words import BUCKETS, COLOURS, COUNTED, DAYS, FLEXIBLE, NAMES, VALUES, WIDTHS

PROMETHEUS = {"type": "prometheus", "uid": "socai-prometheus"}
POSTGRES = {"type": "grafana-postgresql-datasource", "uid": "socai-postgres"}

# The day of the time range's end, in the form that the console takes.
AS_OF = "as_of=${__to:date:YYYY-MM-DD}"


def prom(expr, legend="", *, table=False, instant=None, exemplar=False):
    """A question to Prometheus: a series, or its last value as rows of a table."""
    now = table if instant is None else instant
    return {
        "datasource": PROMETHEUS, "expr": expr, "legendFormat": legend or "__auto", "editorMode": "code",
        "format": "table" if table else "time_series", "instant": now, "range": not now, "exemplar": exemplar,
    }


def sql(text, *, series=False):
    """A question to PostgreSQL: a table, or series over `time`."""
    return {
        "datasource": POSTGRES, "rawSql": " ".join(text.split()), "rawQuery": True, "editorMode": "code",
        "format": "time_series" if series else "table",
    }


def link(title, path):
    """A link to the console that shows the rows behind what is seen, as of the same day."""
    return {"title": title, "url": "${console}" + path, "targetBlank": True}


def to_dashboard(title, uid, variable, column):
    """A link to another dashboard, of the row's thing."""
    url = f"/d/{uid}?var-{variable}=${{__data.fields.{column}}}&${{__url_time_range}}&${{console:queryparam}}"
    return {"title": title, "url": url, "targetBlank": False}


UNIT_LINKS = [
    to_dashboard("Đơn vị", "socai-unit", "unit", "unit"),
    link("Mở trong Sổ cái", "/units/${__data.fields.unit}?" + AS_OF),
]
DOCUMENT_LINKS = [
    to_dashboard("Văn bản", "socai-document", "document", "document"),
    link("Mở trong Sổ cái", "/documents/${__data.fields.document}?" + AS_OF),
]


def column(name, **properties):
    """What is said of one column or series, besides its name in words."""
    said = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": said}


def fixed(colour):
    return {"mode": "fixed", "fixedColor": colour}


def coloured(**colours):
    """Series by what Prometheus calls them, each with its colour."""
    return [column(name, color=fixed(colour)) for name, colour in colours.items()]


def described(kind, name, text):
    """What is always said of the column `name`: what it is called, what its codes mean, and in a table how wide it is."""
    said = {"displayName": text}
    if name in COLOURS:
        said["color"] = fixed(COLOURS[name])
    if name in VALUES:
        options = {code: {"text": called, "index": place} for place, (code, called) in enumerate(VALUES[name].items())}
        said["mappings"] = [{"type": "value", "options": options}]
    if name in DAYS:
        said["unit"] = "time:DD/MM/YYYY"
    if kind == "table" and name in WIDTHS:
        said["custom.width"] = WIDTHS[name]
    if kind == "table" and name in FLEXIBLE:
        said |= {"custom.filterable": True, "custom.minWidth": 180, "custom.wrapText": True}
    return column(name, **said)


def words(kind, targets, overrides):
    """Every column and series that the queries name, in words; then what the panel says of some."""
    used = set(re.findall(r"\w+", " ".join(one.get("expr", "") + one.get("legendFormat", "") + one.get("rawSql", "") for one in targets)))
    return [described(kind, name, text) for name, text in NAMES.items() if name in used] + list(overrides)


def panel(kind, title, about, unit, targets, *, width=12, height=8, options=None, custom=None, links=(), overrides=(),
          steps=None, empty="Không có dữ liệu", **defaults):
    """A panel. `about` says what is counted, how, and where it is read from; `empty` what it means that there is nothing."""
    for number, target in enumerate(targets):
        target["refId"] = chr(ord("A") + number)
    sources = {target["datasource"]["uid"] for target in targets}
    field = {"unit": unit, "noValue": empty, **defaults}
    if custom:
        field["custom"] = custom
    if steps:
        field["thresholds"] = {"mode": "absolute", "steps": [{"value": at, "color": colour} for at, colour in steps]}
    return {
        "type": kind, "title": title, "description": about, "targets": targets,
        "datasource": targets[0]["datasource"] if len(sources) == 1 else {"type": "datasource", "uid": "-- Mixed --"},
        "fieldConfig": {"defaults": field, "overrides": words(kind, targets, overrides)},
        "options": options or {}, "links": list(links), "gridPos": {"w": width, "h": height, "x": 0, "y": 0},
    }


LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
# Of many series: beside the graph, the highest first.
MANY = {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["lastNotNull", "max"], "sortBy": "Max", "sortDesc": True}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def stat(title, about, unit, targets, *, width=6, height=5, steps=None, **more):
    """Numbers, each with its name. Without `steps` they have no colour: Grafana would have 80 and more in red."""
    options = {"colorMode": "value" if steps else "none", "graphMode": "none", "justifyMode": "auto", "textMode": "value_and_name",
               "orientation": "auto", "reduceOptions": LAST, "wideLayout": True, "text": {"titleSize": 14, "valueSize": 28}}
    return panel("stat", title, about, unit, targets, width=width, height=height, options=options, steps=steps, **more)


def days(title, about, text, **more):
    """Days from SQL, each with its name: one row."""
    one = stat(title, about, "time:DD/MM/YYYY", [sql(text)], **more)
    return {**one, "options": {**one["options"], "reduceOptions": {**LAST, "fields": "/.*/"}}}


PERCENT = {"unit": "percent", "decimals": 2}
RATES = [column(name, **PERCENT) for name in ("on_time_of_due", "completed_of_due")]


def parts(name):
    """What stands beside a rate: its numerator and denominator, by what they count."""
    return [column(part, displayName=text, unit="none", decimals=0) for part, text in (("numerator", COUNTED[name]), ("denominator", "Đã đến hạn"))]


def rate(title, about, name, obligation, above, *, of, where="", links):
    """A rate of `of` (a city, a unit) from metrics, with its numerator and denominator."""
    said = where + f'obligation="{obligation}"'
    return stat(title, about, "none", [
        prom(f"{of}:socai_{name}:ratio{{{said}}}", "percent", instant=True),
        prom(f'sum({of}:socai_obligations:count{{{said}, bucket=~"{above}"}})', "numerator", instant=True),
        prom(f"{of}:socai_obligations_due:sum{{{said}}}", "denominator", instant=True),
    ], overrides=[column("percent", unit="percentunit", decimals=2), *parts(name)], links=links, height=7, decimals=0, empty="–")


def bars(title, about, unit, targets, **more):
    """Horizontal bars: one for each series or column."""
    options = {"displayMode": "basic", "orientation": "horizontal", "showUnfilled": True, "valueMode": "text",
               "namePlacement": "left", "sizing": "auto", "minVizHeight": 16, "minVizWidth": 8, "maxVizHeight": 300,
               "text": {"valueSize": 18}, "reduceOptions": LAST}
    return panel("bargauge", title, about, unit, targets, options=options, min=0, **more)


def bars_by_bucket(title, about, of, where, **more):
    """Counts from metrics, a bar for each bucket, in the order in which they are always named."""
    return bars(title, about, "none", [
        prom(f'{of}:socai_obligations:count{{{where}, bucket="{name}"}}', name, instant=True) for name in BUCKETS], decimals=0, **more)


def over_time(title, about, unit, targets, *, stacked=False, drawn="line", legend=LEGEND, **more):
    custom = {"drawStyle": drawn, "lineWidth": 1, "fillOpacity": 60 if stacked else 0, "showPoints": "auto",
              "spanNulls": False, "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    options = {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, about, unit, targets, custom=custom, options=options, **more)


def by_name(title, about, unit, targets, *, x, stacked=True, **more):
    """Vertical bars by the words in the column `x`."""
    options = {"orientation": "vertical", "xField": x, "barWidth": 0.8, "groupWidth": 0.7, "fullHighlight": False,
               "showValue": "auto", "stacking": "normal" if stacked else "none", "xTickLabelRotation": 0,
               "xTickLabelMaxLength": 0, "legend": LEGEND, "tooltip": {"mode": "multi", "sort": "none"}}
    return panel("barchart", title, about, unit, targets, options=options, custom={"fillOpacity": 80, "lineWidth": 1}, **more)


def table(title, about, unit, targets, *, overrides=(), **more):
    """Rows. A cell without a value has a dash; a column without a width takes what the others leave."""
    options = {"showHeader": True, "cellHeight": "sm", "frameIndex": 0}
    nothing = {"matcher": {"id": "byRegexp", "options": ".*"}, "properties": [{"id": "noValue", "value": "–"}]}
    return panel("table", title, about, unit, targets, options=options, overrides=[nothing, *overrides],
                 custom={"align": "auto", "wrapHeaderText": True, "minWidth": 150}, **more)


def states(title, about, unit, targets, *, history=False, mappings=(), **more):
    """States over time: as long as each lasts, or with `history` one field for each moment."""
    options = {"showValue": "auto", "rowHeight": 0.9, "legend": LEGEND, "tooltip": {"mode": "single", "sort": "none"}}
    if history:
        options["colWidth"] = 0.9
    else:
        options |= {"mergeValues": True, "alignValue": "left"}
    kind = "status-history" if history else "state-timeline"
    return panel(kind, title, about, unit, targets, options=options, custom={"fillOpacity": 80, "lineWidth": 0},
                 mappings=list(mappings), **more)


def joined(one):
    """The queries of a table in one row for each thing that they are about. They have the same labels, and no name of a metric."""
    return {**one, "transformations": [{"id": "merge", "options": {}}]}


def hidden(*names):
    """Columns that only links read; `hideFrom` says so since Grafana 12, `hidden` before."""
    return [column(name, **{"custom.hidden": True, "custom.hideFrom": {"viz": True, "legend": False, "tooltip": False}}) for name in names]


def ask(name, label, text):
    """A variable whose values PostgreSQL has, as `__value` and `__text`."""
    text = " ".join(text.split())
    return {"type": "query", "name": name, "label": label, "datasource": POSTGRES, "query": text,
            "refresh": 1, "sort": 0, "regex": "", "multi": False, "includeAll": False, "hide": 0, "options": []}


def choose(name, label, values):
    """A variable with fixed values, by what they are called."""
    options = [{"text": text, "value": value, "selected": number == 0} for number, (value, text) in enumerate(values.items())]
    return {"type": "custom", "name": name, "label": label, "query": ",".join(f"{text} : {value}" for value, text in values.items()),
            "multi": False, "includeAll": False, "hide": 0, "options": options, "current": options[0]}


OBLIGATION = choose("obligation", "Nghĩa vụ", {"report": "Báo cáo", "task": "Nhiệm vụ"})

# Where links of panels lead: the address of the console, as browsers reach it.
CONSOLE = {"type": "textbox", "name": "console", "label": "Sổ cái", "query": "http://127.0.0.1:8420", "hide": 0,
           "options": [{"text": "http://127.0.0.1:8420", "value": "http://127.0.0.1:8420", "selected": True}],
           "current": {"text": "http://127.0.0.1:8420", "value": "http://127.0.0.1:8420"}}


def annotation(name, colour, text):
    target = {**sql(text), "refId": "Anno"}
    return {"name": name, "datasource": POSTGRES, "enable": True, "hide": False, "iconColor": colour,
            "rawQuery": target["rawSql"], "target": target}


def dashboard(uid, title, about, rows, *, variables=(), annotations=(), since="now-30d", refresh="5m"):
    """A page: rows of panels, each with the row's title."""
    panels, number, top = [], 0, 0
    for heading, row in rows:
        number += 1
        panels.append({"type": "row", "id": number, "title": heading, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": top, "w": 24, "h": 1}})
        top, left, lowest = top + 1, 0, 0
        for one in row:
            place = one["gridPos"]
            if left + place["w"] > 24:
                top, left, lowest = top + lowest, 0, 0
            number += 1
            panels.append({**one, "id": number, "gridPos": {**place, "x": left, "y": top}})
            left, lowest = left + place["w"], max(lowest, place["h"])
        top += lowest
    others = {"type": "dashboards", "title": "Sổ cái", "tags": ["socai"], "asDropdown": True, "includeVars": False,
              "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""}
    return {
        "uid": uid, "title": title, "description": about, "tags": ["socai"], "schemaVersion": 41, "version": 1,
        "editable": False, "graphTooltip": 1, "timezone": "Asia/Ho_Chi_Minh", "weekStart": "monday", "refresh": refresh,
        "time": {"from": since, "to": "now"}, "links": [others], "panels": panels,
        "templating": {"list": [*variables, CONSOLE]}, "annotations": {"list": list(annotations)},
    }
