// What a dashboard of ours is, in Grafana's own types: every panel is of a kind that is used here, with options and
// fields of that kind. A dashboard is checked as a literal, so that a name which Grafana does not know is refused.

import type { AnnotationQuery, Dashboard, DashboardLink, FieldConfigSource, Panel, RowPanel } from '@grafana/schema';
import type * as bar from '@grafana/schema/dist/esm/raw/composable/barchart/panelcfg/x/BarChartPanelCfg_types.gen';
import type * as gauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as history from '@grafana/schema/dist/esm/raw/composable/statushistory/panelcfg/x/StatusHistoryPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as series from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// JSON has the values of enumerations, not their names.
type Plain<T> = T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends Array<infer Item> ? Array<Plain<Item>>
  : T extends object ? { [Key in keyof T]: Plain<T[Key]> }
  : T;

type Source = { type: 'prometheus'; uid: 'socai-prometheus' } | { type: 'grafana-postgresql-datasource'; uid: 'socai-postgres' };

type Target =
  | {
      refId: string; datasource: Source & { type: 'prometheus' }; expr: string; legendFormat: string; editorMode: 'code';
      format: 'table' | 'time_series'; instant: boolean; range: boolean; exemplar: boolean;
    }
  | {
      refId: string; datasource: Source & { uid: 'socai-postgres' }; rawSql: string; rawQuery: true; editorMode: 'code';
      format: 'table' | 'time_series';
    };

type Of<Kind extends string, Options, Custom> =
  Plain<Omit<Panel, 'type' | 'title' | 'description' | 'datasource' | 'targets' | 'options' | 'fieldConfig' | 'links'>> & {
    type: Kind; title: string; description: string; targets: Target[]; options: Plain<Partial<Options>>;
    datasource: Source | { type: 'datasource'; uid: '-- Mixed --' };
    links: Array<Plain<Pick<DashboardLink, 'title' | 'url' | 'targetBlank'>>>;
    fieldConfig: Plain<Omit<FieldConfigSource, 'defaults'>> & {
      defaults: Plain<Omit<FieldConfigSource['defaults'], 'custom'>> & { unit: string; custom?: Plain<Custom> };
    };
  };

type OurPanel =
  | Plain<RowPanel>
  | Of<'barchart', bar.Options, bar.FieldConfig>
  | Of<'bargauge', gauge.Options, never>
  | Of<'stat', stat.Options, never>
  | Of<'state-timeline', timeline.Options, timeline.FieldConfig>
  | Of<'status-history', history.Options, history.FieldConfig>
  | Of<'table', table.Options, Partial<table.FieldConfig> & { filterable?: boolean }>
  | Of<'timeseries', series.Options, series.FieldConfig>;

type OurAnnotation = Plain<Omit<AnnotationQuery, 'target' | 'datasource'>> & {
  datasource: Source; rawQuery: string; target: Target & Plain<NonNullable<AnnotationQuery['target']>>;
};

export type OurDashboard = Plain<Omit<Dashboard, 'panels' | 'annotations'>> & {
  uid: string; title: string; description: string; panels: OurPanel[]; annotations: { list: OurAnnotation[] };
};
