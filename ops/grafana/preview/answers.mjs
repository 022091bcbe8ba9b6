// What each panel's questions are answered by the servers, as the frames that Grafana's two sources make of it.
import pg from 'pg';

const NUMBERS = [20, 21, 23, 700, 701, 1700];
const TIMES = [1082, 1114, 1184];

export function source({ prometheus, postgres }) {
  const pool = new pg.Pool(postgres);
  // Days as Grafana has them: midnight of UTC.
  for (const type of NUMBERS) pg.types.setTypeParser(type, Number);
  pg.types.setTypeParser(1082, day => Date.parse(`${day}T00:00:00Z`));
  pg.types.setTypeParser(1184, moment => Date.parse(moment.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')));
  return {
    end: () => pool.end(),
    panel: async (panel, shown) => {
      const all = await Promise.all(panel.targets.map(target => answer(target, panel, shown, { pool, prometheus })));
      return all.flat();
    },
    rows: async (text, shown) => (await pool.query(sqlText(text, shown))).rows,
  };
}

async function answer(target, panel, shown, { pool, prometheus }) {
  try {
    return target.expr ? await metrics(target, panel, shown, prometheus) : rows(target, await pool.query(sqlText(target.rawSql, shown)));
  } catch (error) {
    return [{ refId: target.refId, fields: [], error: `${error.message}` }];
  }
}

/// `${name}` and `${name:sqlstring}` replaced.
function interpolated(text, { variables }, quoted = false) {
  const doubled = name => variables[name].replaceAll("'", "''");
  return text.replace(/\$\{(\w+)(:sqlstring)?\}/g, (_, name, format) =>
    format ? `'${doubled(name)}'` : quoted ? doubled(name) : variables[name]);
}

function sqlText(text, shown) {
  const moment = at => `'${new Date(at).toISOString()}'`;
  return interpolated(text, shown, true)
    .replaceAll('$__timeFrom()', moment(shown.from)).replaceAll('$__timeTo()', moment(shown.to));
}

function rows({ refId, format }, { fields, rows }) {
  const columns = fields.map(({ name, dataTypeID }) => ({
    name, config: {}, labels: undefined,
    type: TIMES.includes(dataTypeID) ? 'time' : NUMBERS.includes(dataTypeID) ? 'number' : dataTypeID === 16 ? 'boolean' : 'string',
    values: rows.map(row => row[name]),
  }));
  if (format === 'time_series') return [wide(refId, columns)];
  return [{ refId, fields: columns }];
}

/// Long to wide: a series for each `metric`, by its name alone.
function wide(refId, columns) {
  const metric = columns.find(one => one.name === 'metric');
  const time = columns.find(one => one.name === 'time');
  if (!metric) return { refId, fields: columns };
  const value = columns.find(one => one.type === 'number');
  const times = [...new Set(time.values)];
  const names = [...new Set(metric.values)];
  const series = names.map(name => ({
    name, type: 'number', config: {}, values: times.map(() => null),
  }));
  time.values.forEach((at, row) => { series[names.indexOf(metric.values[row])].values[times.indexOf(at)] = value.values[row]; });
  return { refId, fields: [{ ...time, values: times }, ...series] };
}

async function metrics(target, panel, shown, prometheus) {
  const width = panel.gridPos.w * 66;
  const step = Math.max(15, Math.ceil((shown.to - shown.from) / 1000 / width / 15) * 15);
  const query = interpolated(target.expr, shown).replaceAll('$__rate_interval', `${Math.max(step + 15, 60)}s`);
  const asked = target.instant ? { time: shown.to / 1000 } : { start: shown.from / 1000, end: shown.to / 1000, step };
  const said = await fetch(`${prometheus}/api/v1/query${target.instant ? '' : '_range'}?${new URLSearchParams({ query, ...asked })}`);
  const { status, error, data } = await said.json();
  if (status !== 'success') throw new Error(error);
  const samples = data.result.map(one => ({ labels: one.metric, points: one.values ?? [one.value] }));
  return target.format === 'table' ? [asTable(target, panel, samples)] : samples.map(sample => asSeries(target, query, sample));
}

function asTable({ refId }, { targets }, samples) {
  const labels = [...new Set(samples.flatMap(sample => Object.keys(sample.labels)))].sort();
  const points = samples.flatMap(({ labels, points }) => points.map(([at, value]) => ({ labels, at, value })));
  if (points.length === 0) return { refId, fields: [] };
  return { refId, fields: [
    { name: 'Time', type: 'time', config: {}, values: points.map(({ at }) => at * 1000) },
    ...labels.map(name => ({ name, type: 'string', config: {}, values: points.map(one => one.labels[name] ?? '') })),
    { name: targets.length > 1 ? `Value #${refId}` : 'Value', type: 'number', config: {}, values: points.map(({ value }) => Number(value)) },
  ] };
}

function asSeries({ refId, legendFormat }, query, { labels, points }) {
  const { __name__, ...others } = labels;
  const all = Object.entries(others).map(([name, value]) => `${name}="${value}"`).join(', ');
  let legend = legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => labels[name] ?? '');
  if (legendFormat === '__auto') legend = all ? '' : (__name__ ?? query);
  return { refId, fields: [
    { name: 'Time', type: 'time', config: { interval: 15000 }, values: points.map(([at]) => at * 1000) },
    { name: 'Value', type: 'number', labels, config: legend ? { displayNameFromDS: legend } : {}, values: points.map(([, value]) => Number(value)) },
  ] };
}
