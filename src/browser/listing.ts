// Shows the links that need a script, and says that they may soon be followed: the addresses behind
// them take some seconds to come online.
const links = [...document.querySelectorAll<HTMLAnchorElement>('a[data-ready]')];
for (const link of links) link.hidden = false;
const ready = links[0]?.dataset['ready'];
// If this fails, it only takes longer later.
if (ready !== undefined) void fetch(ready, { cache: 'no-store' }).catch(() => undefined);
