// Takes pictures of dashboards of what a city shows: node pictures.mjs --city DIR --to DIR; the README has the rest.
import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { source } from './answers.mjs';

const text = value => ({ type: 'string', default: value });
const { values: asked } = parseArgs({ options: {
  city: text(), to: text(), only: text('city,unit,document,review,operations,integrity'), mode: text('light'), width: text('1600'),
  obligation: text(), lineage: text(), unit: text(), document: text(), since: text() } });
if (!asked.city || !asked.to) throw new Error('--city: the folder of ops/city; --to: a folder for the pictures');

const LENGTHS = { m: 60e3, h: 3600e3, d: 864e5, y: 365.25 * 864e5 };
const WITHOUT_A_NETWORK = '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

function ofCity(folder) {
  const read = name => readFileSync(`${folder}/${name}`, 'utf8').trim();
  const ports = Object.fromEntries(read('ports').split('\n').map(line => line.split('=')));
  const password = read('secrets/postgres/grafana.password');
  return source({ prometheus: `http://127.0.0.1:${ports.prometheus}`,
    postgres: { host: '127.0.0.1', port: ports.postgres, user: 'grafana_reader', database: 'socai', password } });
}

/// The range of time and the values of variables: those that are asked for, else the first.
async function shownOn(dashboard, from) {
  const [, number, letter] = (asked.since ?? dashboard.time.from).match(/^(?:now-)?(\d+)([mhdy])$/);
  const to = Date.now(), shown = { from: to - number * LENGTHS[letter], to, variables: {}, texts: {} };
  for (const one of dashboard.templating.list) {
    const rows = one.type === 'query' ? await from.rows(one.query, shown) : one.options.map(({ value, text }) => ({ __value: value, __text: text }));
    const chosen = rows.find(row => row.__value === asked[one.name]) ?? rows[0];
    shown.variables[one.name] = chosen.__value;
    shown.texts[one.name] = chosen.__text;
  }
  return shown;
}

async function given(name, from) {
  const dashboard = JSON.parse(readFileSync(new URL(`../dashboards/${name}.json`, import.meta.url), 'utf8'));
  const shown = await shownOn(dashboard, from);
  const panels = dashboard.panels.filter(panel => panel.type !== 'row');
  const answers = await Promise.all(panels.map(async panel => [panel.id, await from.panel(panel, shown)]));
  const marks = await Promise.all(dashboard.annotations.list.map(async one =>
    (await from.rows(one.target.rawSql, shown)).map(row => ({ at: row.time, colour: one.iconColor }))));
  return { dashboard, shown, answers: Object.fromEntries(answers), annotations: marks.flat() };
}

async function picture(browser, url, name, from, { mode, width }) {
  const shown = { ...await given(name, from), mode };
  // All of it is seen at once, for tables draw what is seen.
  const height = 100 + 38 * Math.max(...shown.dashboard.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const page = await browser.newPage({ viewport: { width: Number(width), height } });
  page.on('console', message => message.type() === 'error' && console.error(name, message.text()));
  page.on('pageerror', error => console.error(name, error.stack));
  await page.addInitScript(given => { window.SHOWN = given; }, shown);
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.waitForTimeout(1500);
  const path = `${folder}/${[name, asked.obligation, mode, width].filter(Boolean).join('-')}.png`;
  await page.screenshot({ path, fullPage: true });
  await page.close();
  console.log(path);
}

const from = ofCity(resolve(asked.city)), folder = resolve(asked.to);
mkdirSync(folder, { recursive: true });
process.chdir(import.meta.dirname);
await build({ logLevel: 'error' });
const server = await preview({ preview: { host: '127.0.0.1', port: 0 }, logLevel: 'error' });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: WITHOUT_A_NETWORK.split(' ') });
for (const name of asked.only.split(',')) {
  for (const mode of asked.mode.split(',')) {
    for (const width of asked.width.split(',')) await picture(browser, server.resolvedUrls.local[0], name, from, { mode, width });
  }
}
await browser.close();
await from.end();
await server.close();
process.exit();
