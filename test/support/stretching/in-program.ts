import { rememberStretching } from './remember-stretching.js';

// Node runs this before the program, from the folder that it is built into.
rememberStretching(import.meta.dirname);
