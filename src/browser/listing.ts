import { greetSiblings } from './siblings/greet-siblings.js';

// Shows the links that need a script, and prepares the addresses behind them, which take some
// seconds to come online, and some more until this browser has circuits to them.
const links = [...document.querySelectorAll<HTMLAnchorElement>('a[data-ready]')];
for (const link of links) link.hidden = false;
const ready = links[0]?.dataset['ready'];
if (ready !== undefined) void greetSiblings(ready).catch(() => undefined);
