// Frames as a panel draws them: transformed, and each field with what the dashboard says of it.
import * as D from '@grafana/data';
import { firstValueFrom } from 'rxjs';

const { mergeTransformer } = D.standardTransformers;
D.standardTransformersRegistry.setInit(() => [{ id: 'merge', name: 'merge', transformation: async () => mergeTransformer }]);

// What Grafana's panels have where a dashboard says nothing. Everything from 80 on is red.
const THRESHOLDS = [{ value: -Infinity, color: 'green' }, { value: 80, color: 'red' }];
const COLOUR = { timeseries: 'palette-classic', barchart: 'palette-classic' };
const CUSTOM = { timeseries: {
  drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, gradientMode: 'none', pointSize: 5, showPoints: 'auto', spanNulls: false,
  axisPlacement: 'auto', axisLabel: '', axisColorMode: 'text', axisBorderShow: false, axisCenteredZero: false, barAlignment: 0, barWidthFactor: 0.6,
  scaleDistribution: { type: 'linear' }, hideFrom: { tooltip: false, viz: false, legend: false }, thresholdsStyle: { mode: 'off' },
  stacking: { mode: 'none', group: 'A' },
} };

const STANDARD = ['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'thresholds', 'mappings', 'links', 'color'];
const OF_TABLES = ['align', 'width', 'minWidth', 'filterable', 'wrapHeaderText', 'wrapText'];
const setting = { process: value => value, shouldApply: () => true };
const REGISTRY = new D.FieldConfigOptionsRegistry(() => [
  ...STANDARD.map(id => ({ ...setting, id, path: id, name: id })),
  ...[...OF_TABLES, ...Object.keys(CUSTOM.timeseries)].map(id => ({ ...setting, id: `custom.${id}`, path: id, name: id, isCustom: true })),
]);

export async function drawable(panel, answers, { theme, timeZone }) {
  const frames = answers.filter(frame => frame.fields.length > 0).map(frame => D.createDataFrame(frame));
  const data = await firstValueFrom(D.transformDataFrame(panel.transformations ?? [], frames));
  const fieldConfig = { overrides: panel.fieldConfig.overrides, defaults: defaults(panel) };
  const drawn = D.applyFieldOverrides({ data, theme, timeZone, fieldConfig, fieldConfigRegistry: REGISTRY, replaceVariables: String });
  D.cacheFieldDisplayNames(drawn);
  return drawn;
}

function defaults({ type, fieldConfig: { defaults } }) {
  const steps = defaults.thresholds?.steps.map(step => ({ ...step, value: step.value ?? -Infinity })) ?? THRESHOLDS;
  return {
    color: { mode: COLOUR[type] ?? 'thresholds' }, ...defaults, thresholds: { mode: 'absolute', steps },
    custom: { ...CUSTOM[type], ...defaults.custom },
  };
}
