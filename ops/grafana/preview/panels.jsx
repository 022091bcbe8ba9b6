// Panels, each drawn with Grafana's component for it where npm has one.
import { dateTime, getDisplayValueAlignmentFactors, getFieldDisplayValues } from '@grafana/data';
import { BarGauge, BigValue, TimeSeries, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { BarChart, States } from './drawn.jsx';

const WITHOUT_ROWS = ['stat', 'bargauge'];

export function Drawn(props) {
  const { panel, frames, width, height, look } = props;
  const Kind = KINDS[panel.type];
  if (WITHOUT_ROWS.includes(panel.type) || frames.some(frame => frame.length > 0)) return <Kind {...props} />;
  const middle = { display: 'flex', alignItems: 'center', justifyContent: 'center', textAlign: 'center' };
  return <div style={{ ...middle, width, height, fontSize: 18, color: look.theme.colors.text.secondary }}>{panel.fieldConfig.defaults.noValue ?? 'No data'}</div>;
}

function Repeated({ panel, frames, width, height, look, draw, ...more }) {
  const { reduceOptions, orientation } = panel.options;
  const values = () => getFieldDisplayValues({
    fieldConfig: panel.fieldConfig, reduceOptions, replaceVariables: String, theme: look.theme, data: frames, timeZone: look.timeZone });
  return <VizRepeater getValues={values} getAlignmentFactors={getDisplayValueAlignmentFactors} {...{ width, height, orientation }} source={frames}
    renderCounter={1} renderValue={draw} {...more} />;
}

function Stat(props) {
  const { colorMode, graphMode, justifyMode, textMode, wideLayout, text } = props.panel.options;
  return <Repeated {...props} autoGrid itemSpacing={3} draw={({ value, ...one }) =>
    <BigValue {...one} {...{ colorMode, graphMode, justifyMode, textMode, wideLayout, text }} value={value.display} theme={props.look.theme} />} />;
}

function Bars(props) {
  const { displayMode, showUnfilled, valueMode, namePlacement, minVizWidth, minVizHeight, maxVizHeight, text } = props.panel.options;
  return <Repeated {...props} {...{ minVizWidth, minVizHeight, maxVizHeight }} itemSpacing={8} draw={({ value, ...one }) =>
    <BarGauge {...one} {...{ displayMode, showUnfilled, namePlacement, text }} value={value.display} field={value.field} theme={props.look.theme}
      display={value.view?.getFieldDisplayProcessor(value.colIndex)} valueDisplayMode={valueMode} itemSpacing={8} lcdCellWidth={12} />} />;
}

function Table({ panel, frames, width, height, look }) {
  return <TableNG data={frames[0]} {...{ width, height }} theme={look.theme} fieldConfig={panel.fieldConfig} cellHeight={panel.options.cellHeight}
    timeRange={range(look)} getActions={() => []} structureRev={1} enableVirtualization={false} />;
}

function Series({ panel, frames, width, height, look }) {
  return <TimeSeries {...{ frames, width, height }} timeRange={range(look)} timeZone={look.timeZone} legend={panel.options.legend} options={panel.options}
    replaceVariables={String} structureRev={1}>{config => { mark(config, look); return null; }}</TimeSeries>;
}

const KINDS = { stat: Stat, bargauge: Bars, table: Table, timeseries: Series, barchart: BarChart, 'state-timeline': States, 'status-history': States };

function range({ shown }) {
  const [from, to] = [dateTime(shown.from), dateTime(shown.to)];
  return { from, to, raw: { from, to } };
}

/// Annotations: a dashed line, and a mark below it.
function mark(config, { annotations, theme }) {
  if (config.marked) return;
  config.marked = true;
  config.addHook('draw', ({ ctx, bbox: { top, height, left, width }, valToPos }) => {
    for (const { at, colour } of annotations) {
      const x = valToPos(at, 'x', true);
      if (x < left || x > left + width) continue;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = theme.visualization.getColorByName(colour);
      ctx.setLineDash([5, 5]);
      ctx.stroke(new Path2D(`M${x} ${top}V${top + height}`));
      ctx.fill(new Path2D(`M${x} ${top + height}l-6 8h12z`));
      ctx.restore();
    }
  });
}
