// A plugin of TypeDoc: puts what the library exports into groups, by the file that it stands in.

import { CommentTag, Converter } from 'typedoc';

const GROUPS = [
  ['Transfers', /^api\/(verbs\/(send|receive|resume-send)|transfers\/send-input)\./],
  ['Pages, applications and relays', /^api\/verbs\/(share|inbox|site|serve|relay)\./],
  ['Several calls', /^api\/(verbs\/create-ferry|shared-tor)\./],
  ['Handles and events', /^api\/(handle|events)\./],
  ['Identities', /^(api\/verbs\/identities|identities\/)/],
  ['Tor on this machine', /^api\/verbs\/(demo|doctor|install-tor)\./],
  ['Errors', /^base\/errors\./],
  ['Middleware', /^onion-http\//],
  ['Options', /./],
];

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of project.children ?? []) {
      for (const documented of reflection.signatures ?? [reflection]) {
        const file = /src\/(.*)$/.exec(reflection.sources?.[0]?.fullFileName ?? '')?.[1] ?? '';
        const [name] = GROUPS.find(([, path]) => path.test(file)) ?? [];
        if (name === undefined) continue;
        // What is not documented is told of as such.
        documented.comment?.blockTags.push(
          new CommentTag('@group', [{ kind: 'text', text: name }]),
        );
      }
    }
  });
}
