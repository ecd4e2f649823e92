import { stretchWithFewerRounds } from './with-fewer-rounds.js';

// Node runs this before the program.
stretchWithFewerRounds();
