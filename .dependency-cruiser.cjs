const { builtinModules } = require('node:module');

// The rooms of src/, lowest first: a room may use itself and the rooms before it.
const rooms = [
  'base',
  'onion',
  'pake',
  'stream',
  'relay-protocol',
  'session',
  'disk',
  'identities',
  'tor',
  'private-network',
  'onion-http',
  'relay',
  'transfer',
  'zip',
  'pages',
  'browser',
  'api',
  'desktop',
  'cli',
];
// Layers within a room, lowest first, by the same rule; folders in one list stand side by side, and
// use nothing of each other. Files beside the folders are not part of the order.
const layers = {
  session: ['conversation', 'circuits', 'meeting', 'reconnecting', ['sending', 'receiving']],
  tor: ['program', 'control', 'reach', 'process', 'dial', 'service', 'instance', 'supervise'],
  relay: ['channel', 'staple', 'directory', ['server', 'client']],
  transfer: ['source', 'record', 'destination'],
  pages: [
    'words',
    'design',
    'server',
    'listing',
    'parallel',
    ['share', 'inbox', 'site', 'relay', 'desktop'],
    'sender',
  ],
  browser: [
    'siblings',
    ['relay', 'sending', 'receiving', 'uploading', 'downloading', 'desktop'],
    'view',
  ],
  api: ['transfers', 'verbs'],
  cli: [['output', 'secrets', 'completion'], ['manual', 'services'], 'commands'],
};
// These run in the browser as well.
const pure = ['base', 'onion', 'pake', 'stream', 'relay-protocol', 'session'];
const node = `^(node:)?(${builtinModules.join('|')})$`;

function inOrder(folder, order) {
  return order.flatMap((step, index) => {
    const sides = [step].flat();
    const above = order.slice(index + 1).flat();
    return sides.flatMap((name) => {
      const others = [...sides.filter((side) => side !== name), ...above];
      if (others.length === 0) return [];
      return {
        name: `${folder.slice('src/'.length)}/${name}-uses-nothing-above-it`.replace(/^\//, ''),
        severity: 'error',
        from: { path: `^${folder}/${name}/` },
        to: { path: `^${folder}/(${others.join('|')})/` },
      };
    });
  });
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-folders-that-import-each-other',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    ...inOrder('src', rooms),
    ...Object.entries(layers).flatMap(([room, names]) => inOrder(`src/${room}`, names)),
    ...Object.entries(layers).map(([room, order]) => ({
      name: `every-folder-of-${room}-has-a-layer`,
      severity: 'error',
      from: { path: `^src/${room}/[^/]+/`, pathNot: `^src/${room}/(${order.flat().join('|')})/` },
      to: {},
    })),
    {
      name: 'every-file-belongs-to-a-room',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${rooms.join('|')})/|^src/index.ts$` },
      to: {},
    },
    {
      name: 'pure-rooms-reach-no-node',
      comment: 'they also run in the browser; what packages reach, the bundler sees',
      severity: 'error',
      from: { path: `^src/(${[...pure, 'browser'].join('|')})/` },
      to: { path: node, reachable: true },
    },
    {
      name: 'cli-uses-only-desktop-api-and-base',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: `^src/(${rooms.filter((room) => !['base', 'api', 'desktop', 'cli'].includes(room)).join('|')})/`,
      },
    },
    {
      name: 'only-browser-uses-browser',
      comment: 'it is bundled, and has no part in the program',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/browser/' },
      to: { path: '^src/browser/' },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
