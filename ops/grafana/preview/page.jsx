// A dashboard on Grafana's grid of 24 columns, from `window.SHOWN`, which pictures.mjs sets.
import '@fontsource/inter/latin-400.css';
import '@fontsource/inter/latin-500.css';
import '@fontsource/inter/latin-ext-400.css';
import '@fontsource/inter/latin-ext-500.css';
import '@fontsource/inter/vietnamese-400.css';
import '@fontsource/inter/vietnamese-500.css';
import { EventBusSrv, ThemeContext, createTheme, dateTimeFormat } from '@grafana/data';
import { GlobalStyles, PanelChrome, PanelContextProvider } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { drawable } from './fields.js';
import { Drawn } from './panels.jsx';

const { dashboard, answers, annotations, shown, mode } = window.SHOWN;
const theme = createTheme({ colors: { mode } });
const look = { theme, timeZone: dashboard.timezone, shown, annotations };
const ROW = 38, GAP = 8, MARGIN = 8;

function Panel({ panel, place }) {
  const [frames, setFrames] = useState();
  useEffect(() => { drawable(panel, answers[panel.id], look).then(setFrames, error => console.error(panel.title, error)); }, [panel]);
  const error = answers[panel.id].find(frame => frame.error)?.error;
  const { width, height, ...corner } = place;
  return <div style={{ position: 'absolute', ...corner }}>
    <PanelChrome title={panel.title} description={panel.description} {...{ width, height }} statusMessage={error} padding={panel.type === 'table' ? 'none' : 'md'}>
      {(width, height) => frames && <Drawn {...{ panel, frames, width, height, look }} />}
    </PanelChrome>
  </div>;
}

function Heading({ panel, place }) {
  return <div style={{ position: 'absolute', ...place, fontSize: 18, fontWeight: 500, padding: '2px 8px', color: theme.colors.text.primary }}>⌄ {panel.title}</div>;
}

function Top() {
  const moments = [shown.from, shown.to].map(at => dateTimeFormat(at, { timeZone: look.timeZone, format: 'YYYY-MM-DD HH:mm' }));
  const box = { border: `1px solid ${theme.colors.border.medium}`, padding: '4px 8px' };
  return <div style={{ padding: MARGIN, display: 'flex', gap: 16, flexWrap: 'wrap', alignItems: 'baseline', color: theme.colors.text.primary }}>
    <b style={{ fontSize: 18 }}>{dashboard.title}</b>
    {dashboard.templating.list.map(({ name, label }) => <span key={name}><span style={box}>{label}</span><span style={box}>{shown.texts[name]}</span></span>)}
    <span style={{ flex: 1 }} />
    <span>{moments.join(' → ')} ({look.timeZone})</span>
  </div>;
}

function Page() {
  const column = (window.innerWidth - 2 * MARGIN) / 24;
  const place = ({ x, y, w, h }) => ({ left: x * column + GAP / 2, top: y * ROW, width: w * column - GAP, height: h * ROW - GAP });
  const bottom = Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h)) * ROW;
  return <ThemeContext.Provider value={theme}>
    <GlobalStyles isExtensionSidebarOpen={false} />
    <style>{`html, body, #root { height: auto !important; overflow: visible !important; background: ${theme.colors.background.canvas}; }`}</style>
    <Top />
    <PanelContextProvider value={{ eventsScope: 'global', eventBus: new EventBusSrv() }}>
      <div style={{ position: 'relative', height: bottom, margin: `0 ${MARGIN}px` }}>
        {dashboard.panels.map(panel => {
          const Kind = panel.type === 'row' ? Heading : Panel;
          return <Kind key={panel.id} panel={panel} place={place(panel.gridPos)} />;
        })}
      </div>
    </PanelContextProvider>
  </ThemeContext.Provider>;
}

// Components measure texts before they draw them.
await Promise.all([400, 500].map(weight => document.fonts.load(`${weight} 12px Inter`, 'Chưa hoàn thành, quá hạn')));
createRoot(document.getElementById('root')).render(<Page />);
