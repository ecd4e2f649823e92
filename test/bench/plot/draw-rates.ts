import type { BenchmarkResult } from '../benchmark.js';
import { type Curves, curvesOf, type Point } from './curves.js';

/** With the words above each. */
const PANELS = [
  { profile: 'loopback', title: 'private Tor network on one machine' },
  { profile: 'wan', title: 'the same, 40 ms on every link' },
  { profile: 'real', title: 'relays of unlike rates and delays' },
] as const;

const PANEL = { width: 380, height: 250, left: 46, top: 52, gap: 40 } as const;
const LEGEND_HEIGHT = 44;
const TICKS = [1, 2, 4, 8, 16, 32] as const;
/** No transfer has more. */
const CIRCUITS_MAX = 32;

/** Greys and hues that stand out on white and on black alike, and are told apart by shape as well. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; font-size: 13px }
  .spread { stroke-width: 1; stroke-opacity: .7 }
  .grid { stroke: #8c959f; stroke-opacity: .35 }
  .told { stroke: #8250df; fill: #8250df }
  .plain { stroke: #1a7f37; fill: #1a7f37 }
  .by-itself { stroke: #bc4c00; fill: none }
  .onionshare { stroke: #0969da; fill: #0969da }
  .torget { stroke: #bf3989; fill: #bf3989 }
  polyline { fill: none !important; stroke-width: 2 }
  .plain polyline { stroke-dasharray: 5 4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #b1bac4 }
    .told { stroke: #bc8cff; fill: #bc8cff }
    .plain { stroke: #56d364; fill: #56d364 }
    .by-itself { stroke: #ffa657 }
    .onionshare { stroke: #79c0ff; fill: #79c0ff }
    .torget { stroke: #ff80c8; fill: #ff80c8 }
  }`;

/** An SVG of MB/s against circuits, a panel for each profile that there are results of. */
export function drawRates(results: readonly BenchmarkResult[]): string {
  const panels = PANELS.flatMap(({ profile, title }) => {
    const curves = curvesOf(results, profile);
    return curves === undefined ? [] : [{ curves, title }];
  });
  if (panels.length === 0) throw new Error('there are no results of a profile');
  const { width, height, left, top, gap } = PANEL;
  const full = {
    width: panels.length * (width + left + gap),
    height: top + height + 40 + LEGEND_HEIGHT,
  };
  const drawn = panels.map(({ curves, title }, index) => {
    const x = index * (width + left + gap) + left;
    return `<g transform="translate(${x} ${top})">\n${panel(curves, title)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${full.width} ${full.height}" role="img">`,
    `<title>MB/s against circuits</title>`,
    `<style>${STYLE}\n</style>`,
    ...drawn,
    legend(left, full.height - LEGEND_HEIGHT + 20, panels),
    '</svg>\n',
  ].join('\n');
}

function panel(curves: Curves, title: string): string {
  const { told, plain, byItself, onionShare, torget } = curves;
  const { width, height } = PANEL;
  const others = [byItself, onionShare, torget].flatMap((point) => point ?? []);
  const highest = Math.max(...[...told, ...plain, ...others].map(({ most }) => most));
  const step = stepFor(highest);
  const most = Math.ceil(highest / step) * step;
  const x = (circuits: number): number => (width * Math.log2(circuits)) / Math.log2(CIRCUITS_MAX);
  const y = (rate: number): number => height * (1 - rate / most);
  const place = ({ circuits, rate }: Point): { x: string; y: string } => ({
    x: x(circuits).toFixed(1),
    y: y(rate).toFixed(1),
  });
  /** The mark, on a line from the least to the most of several runs. */
  const marked = (point: Point, mark: (place: Place) => string): string => {
    const at = place(point);
    const spread =
      point.least === point.most
        ? ''
        : `<line class="spread" x1="${at.x}" x2="${at.x}" y1="${y(point.least).toFixed(1)}" y2="${y(point.most).toFixed(1)}"/>`;
    return `${spread}${mark(at)}`;
  };
  const rates = Array.from({ length: Math.round(most / step) + 1 }, (_, index) => index * step);
  const line = (points: readonly Point[]): string =>
    `<polyline points="${points.map((point) => Object.values(place(point)).join(',')).join(' ')}"/>`;
  return [
    `<text class="title" y="-30">${title}</text>`,
    `<text y="-13">${curves.content}, MB/s</text>`,
    ...rates.map(
      (rate) =>
        `<line class="grid" x2="${width}" y1="${y(rate)}" y2="${y(rate)}"/>` +
        `<text x="-8" y="${y(rate) + 4}" text-anchor="end">${rate}</text>`,
    ),
    ...TICKS.map(
      (tick) => `<text x="${x(tick)}" y="${height + 18}" text-anchor="middle">${tick}</text>`,
    ),
    `<text x="${width / 2}" y="${height + 35}" text-anchor="middle">circuits</text>`,
    `<g class="plain">${line(plain)}${plain.map((point) => marked(point, square)).join('')}</g>`,
    `<g class="told">${line(told)}${told.map((point) => marked(point, dot)).join('')}</g>`,
    ...(onionShare === undefined
      ? []
      : [`<g class="onionshare">${marked(onionShare, triangle)}</g>`]),
    ...(torget === undefined ? [] : [`<g class="torget">${marked(torget, diamond)}</g>`]),
    ...(byItself === undefined ? [] : [`<g class="by-itself">${marked(byItself, notify)}</g>`]),
  ].join('\n');
}

function legend(x: number, y: number, panels: readonly { readonly curves: Curves }[]): string {
  const here = { x: '6', y: '-4' };
  const entries = [
    { className: 'told', mark: dot(here), text: 'onionferry --circuits N', width: 170 },
    { className: 'by-itself', mark: notify(here), text: 'onionferry by itself', width: 150 },
    { className: 'plain', mark: square(here), text: 'plain HTTP, N ranges', width: 160 },
    ...(panels.some(({ curves }) => curves.onionShare !== undefined)
      ? [{ className: 'onionshare', mark: triangle(here), text: 'OnionShare', width: 110 }]
      : []),
    ...(panels.some(({ curves }) => curves.torget !== undefined)
      ? [{ className: 'torget', mark: diamond(here), text: 'torget', width: 80 }]
      : []),
  ];
  let at = x;
  const drawn = entries.map(({ className, mark, text, width }) => {
    const entry = `<g transform="translate(${at} ${y})"><g class="${className}">${mark}</g><text x="18">${text}</text></g>`;
    at += width;
    return entry;
  });
  return drawn.join('\n');
}

interface Place {
  readonly x: string;
  readonly y: string;
}

const dot = ({ x, y }: Place): string => `<circle cx="${x}" cy="${y}" r="4"/>`;

const notify = ({ x, y }: Place): string =>
  `<circle cx="${x}" cy="${y}" r="7" stroke-width="2.5" fill="none"/>`;

const square = ({ x, y }: Place): string =>
  `<rect x="${Number(x) - 3.5}" y="${Number(y) - 3.5}" width="7" height="7"/>`;

const triangle = ({ x, y }: Place): string =>
  `<path d="M${x} ${Number(y) - 5}l5 9h-10z" stroke="none"/>`;

const diamond = ({ x, y }: Place): string =>
  `<path d="M${x} ${Number(y) - 5}l5 5l-5 5l-5-5z" stroke="none"/>`;

/** Four to eight lines, at 1, 2 or 5 times a power of ten. */
function stepFor(most: number): number {
  const rough = most / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough) ?? 10 * power;
}
