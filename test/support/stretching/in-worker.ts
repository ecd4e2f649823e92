import { inject } from 'vitest';
import { rememberStretching } from './remember-stretching.js';

// A worker runs this before each file.
rememberStretching(inject('stretched'));
