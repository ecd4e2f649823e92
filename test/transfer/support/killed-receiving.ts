import { hookFileCalls, watchFileCalls } from '../../support/file-calls.js';
import { manySmall, Receiving } from './receiving.js';

// A process of its own: a recipient of many small files, killed when so many have their final names.
const [, , directory = '', dataDir = '', files = '', named = ''] = process.argv;
const receiving = await Receiving.prepare({ ...manySmall(Number(files)), directory, dataDir });
watchFileCalls();
let links = 0;
const count = (call: { readonly name: string }): void => {
  if (call.name === 'link' && ++links > Number(named)) process.kill(process.pid, 'SIGKILL');
};
await hookFileCalls([directory], count, () => receiving.run());
