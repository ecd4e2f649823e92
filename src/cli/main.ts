#!/usr/bin/env node
/*
 * Says which Node is needed, in words that an old one understands: what the program consists of may
 * not even parse there.
 */
const parts = process.versions.node.split('.').map(Number);
const major = parts[0] || 0;
const minor = parts[1] || 0;
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `onionferry: error: this is Node ${process.versions.node}, and Node 20.19 or later is needed\n` +
      'onionferry: hint: get one from https://nodejs.org, or with your package manager\n',
  );
  process.exitCode = 1;
} else {
  void import('./start.js');
}

export {};
