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
  'cli',
];
// Layers within a room, lowest first, by the same rule.
const layers = {
  tor: ['program', 'control', 'process', 'dial', 'service', 'instance', 'supervise'],
};
// These run in the browser as well.
const pure = ['base', 'onion', 'pake', 'stream', 'relay-protocol', 'session'];
const node = `^(node:)?(${builtinModules.join('|')})$`;

// Until the session core is free of Node.
const later = 'error';

function inOrder(folder, names) {
  return names.slice(0, -1).map((name, index) => ({
    name: `${name}-uses-nothing-above-it`,
    severity: name === 'session' ? later : 'error',
    from: { path: `^${folder}/${name}/` },
    to: { path: `^${folder}/(${names.slice(index + 1).join('|')})/` },
  }));
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-folders-that-import-each-other',
      severity: later,
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    ...inOrder('src', rooms),
    ...Object.entries(layers).flatMap(([room, names]) => inOrder(`src/${room}`, names)),
    {
      name: 'every-file-belongs-to-a-room',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${rooms.join('|')})/|^src/index.ts$` },
      to: {},
    },
    {
      name: 'pure-rooms-reach-no-node',
      comment: 'neither themselves nor by a package; they also run in the browser',
      severity: later,
      from: { path: `^src/(${[...pure, 'browser'].join('|')})/` },
      to: { path: node, reachable: true },
    },
    {
      name: 'cli-uses-only-api-and-base',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: `^src/(${rooms.filter((room) => !['base', 'api', 'cli'].includes(room)).join('|')})/`,
      },
    },
    {
      name: 'only-pages-use-page-code',
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
