const { builtinModules } = require('node:module');

// The rooms of src/, lowest first: a room may use itself and the rooms before it.
const rooms = ['base', 'onion', 'pake', 'stream', 'tor', 'relay', 'transfer', 'web', 'api', 'cli'];
const pure = ['base', 'onion', 'pake', 'stream'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...rooms.slice(0, -1).map((room, index) => ({
      name: `${room}-uses-no-later-room`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${rooms.slice(index + 1).join('|')})/` },
    })),
    {
      name: 'pure-rooms-do-no-io',
      comment: 'base, onion, pake and stream also run in the browser',
      severity: 'error',
      from: { path: `^src/(${pure.join('|')})/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'cli-uses-only-api-and-base',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/(onion|pake|stream|tor|relay|transfer|web)/' },
    },
    {
      name: 'page-code-reaches-no-node',
      comment: 'src/web/browser runs in the page, and all that it uses',
      severity: 'error',
      from: { path: '^src/web/browser/' },
      to: { path: `^(node:)?(${builtinModules.join('|')})$`, reachable: true },
    },
    {
      name: 'only-pages-use-page-code',
      comment: 'it is bundled, and has no part in the program',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/web/browser/' },
      to: { path: '^src/web/browser/' },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
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
