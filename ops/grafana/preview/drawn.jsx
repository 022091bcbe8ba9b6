// What Grafana draws in panels that are not on npm: vertical bars, and states over time.
import { FieldType, dateTimeFormat, getFieldDisplayName } from '@grafana/data';
import { VizLayout, VizLegend } from '@grafana/ui';

const FONT = { fontSize: 12, fontFamily: 'Inter' };

function WithLegend({ width, height, items, children }) {
  const list = <VizLegend placement="bottom" displayMode="list" items={items.map(item => ({ ...item, yAxis: 1 }))} />;
  return <VizLayout width={width} height={height} legend={<VizLayout.Legend placement="bottom">{list}</VizLayout.Legend>}>{children}</VizLayout>;
}

function numbers(frame) {
  return frame.fields.filter(field => field.type === FieldType.number);
}

function said(field, value) {
  const { prefix = '', text, suffix = '' } = field.display(value);
  return prefix + text + suffix;
}

export function BarChart(props) {
  const { panel, frames: [frame], width, height, look: { theme } } = props;
  const names = frame.fields.find(field => field.name === panel.options.xField);
  const series = numbers(frame).filter(field => field !== names).map((field, at) => {
    const colour = field.config.color?.fixedColor ?? theme.visualization.palette[at];
    return { field, label: getFieldDisplayName(field, frame), color: theme.visualization.getColorByName(colour) };
  });
  return <WithLegend {...{ width, height }} items={series}>{(width, height) => <Bars {...{ panel, names, series, width, height, theme }} />}</WithLegend>;
}

function Bars({ panel, names, series, width, height, theme }) {
  const stacked = panel.options.stacking === 'normal', fill = theme.colors.text.primary;
  const groups = names.values.map((_, row) => series.map(({ field }) => field.values[row] ?? 0));
  const sum = group => group.reduce((one, other) => one + other, 0);
  const top = panel.fieldConfig.defaults.max ?? Math.max(1, ...groups.map(group => stacked ? sum(group) : Math.max(...group)));
  const left = 48, each = (width - left - 8) / groups.length, floor = height - 24;
  const y = value => floor - value / top * (floor - 16);
  const one = (value, at, row, below) => {
    const wide = stacked ? each * 0.8 : each * 0.56 / series.length;
    const x = left + each * (row + 0.5) + (stacked ? -wide / 2 : wide * (at - series.length / 2));
    const high = y(0) - y(value), bottom = stacked ? y(below) : y(0);
    return value > 0 && <g key={`${row} ${at}`}>
      <rect x={x} width={wide} y={bottom - high} height={high} fill={series[at].color} fillOpacity="0.8" />
      {(high > 14 || !stacked) && <text x={x + wide / 2} y={stacked ? bottom - high / 2 + 4 : bottom - high - 3} textAnchor="middle" fill={fill}>{said(series[at].field, value)}</text>}
    </g>;
  };
  return <svg width={width} height={height} style={FONT}>
    {[0, 0.25, 0.5, 0.75, 1].map(part => Math.round(part * top)).map(tick => <g key={tick}>
      <path d={`M${left} ${y(tick)}H${width - 8}`} stroke={theme.colors.border.weak} />
      <text x={left - 6} y={y(tick) + 4} textAnchor="end" fill={fill}>{said(series[0].field, tick)}</text></g>)}
    {groups.map((group, row) => group.map((value, at) => one(value, at, row, sum(group.slice(0, at)))))}
    {names.values.map((name, row) => <text key={row} x={left + each * (row + 0.5)} y={height - 8} textAnchor="middle" fill={fill}>{name}</text>)}
  </svg>;
}

export function States(props) {
  const { frames, width, height } = props;
  const series = frames.flatMap(frame => numbers(frame).map(field => ({
    name: getFieldDisplayName(field, frame, frames), times: frame.fields.find(one => one.type === FieldType.time).values,
    states: field.values.map(value => value === null ? null : field.display(value)) })));
  const used = new Map(series.flatMap(({ states }) => states.filter(Boolean).map(({ text, color }) => [text, color])));
  const items = [...used].map(([label, color]) => ({ label, color }));
  return <WithLegend {...{ width, height, items }}>{(width, height) => <Moments {...props} {...{ series, width, height }} />}</WithLegend>;
}

function Moments({ panel, series, width, height, look: { theme, shown, timeZone } }) {
  const left = Math.min(width * 0.5, Math.max(...series.map(({ name }) => name.length)) * 6.6 + 8), room = width - left - 8;
  const each = (height - 22) / series.length, high = each * panel.options.rowHeight;
  const x = at => left + (at - shown.from) / (shown.to - shown.from) * room;
  const moments = [...new Set(series.flatMap(({ times }) => times))].sort((one, other) => one - other);
  const along = panel.type === 'status-history'
    ? at => [left + moments.indexOf(at) * room / moments.length, room / moments.length * panel.options.colWidth]
    : at => [x(at), x(moments[moments.indexOf(at) + 1] ?? at + 15000) - x(at) + 0.5];
  const format = shown.to - shown.from > 3 * 864e5 ? 'YYYY-MM-DD' : 'HH:mm';
  return <svg width={width} height={height} style={FONT} fill={theme.colors.text.primary}>
    {series.map(({ name, times, states }, row) => <g key={row}>
      <text x={left - 6} y={(row + 0.5) * each + 4} textAnchor="end">{name}</text>
      {states.map((state, number) => {
        const [from, wide] = along(times[number]);
        return state && <g key={number}><rect x={from} width={wide} y={row * each + (each - high) / 2} height={high} fill={state.color} fillOpacity="0.8" />
          {wide > state.text.length * 7 && <text x={from + wide / 2} y={(row + 0.5) * each + 4} textAnchor="middle">{state.text}</text>}</g>;
      })}</g>)}
    {[0.1, 0.3, 0.5, 0.7, 0.9].map(part => shown.from + part * (shown.to - shown.from)).map(at =>
      <text key={at} x={x(at)} y={height - 6} textAnchor="middle">{dateTimeFormat(at, { timeZone, format })}</text>)}
  </svg>;
}
