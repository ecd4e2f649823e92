#!/usr/bin/env python3
"""Runs a command in a terminal and writes what it showed as an animated SVG.

    docs/record.py OUT.svg COLUMNS TITLE COMMAND [ARGUMENT...]

Knows the control sequences that onionferry writes, and no others. The last frame is what viewers
without animations see.
"""

import fcntl
import html
import os
import pty
import re
import struct
import sys
import termios
import time

SPEED = 3  # times as fast as it was
FRAME_S = 0.2  # a change that lasts less is not shown
END_S = 6.0  # how long the last frame stays
CELL_W, CELL_H, MARGIN, BAR = 8.4, 19, 16, 34
TOKEN = re.compile(r'\x1b(?:[78]|\[([?\d;]*)([A-Za-z]))|([\r\n])|([^\x1b\r\n]+)')
STYLES = {'1': 'b', '2': 'f', '31': 'r', '32': 'g'}


def run(columns, command):
    """Returns (seconds since the start, what was written by then) for each write."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM='xterm-256color')
        for name in ('NO_COLOR', 'COLUMNS', 'LINES'):
            os.environ.pop(name, None)
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, columns, 0, 0))
    began, writes, text = time.monotonic(), [], b''
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the command has ended
            break
        text += data
        writes.append((time.monotonic() - began, text.decode(errors='ignore')))
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0:
        sys.exit(f'{text.decode(errors="replace")}\nthe command ended with status {status}')
    return writes


def screen(text):
    """The lines of the terminal after `text`, each a list of (style, character)."""
    lines, row, column, style = [[]], 0, 0, ''
    for parameters, final, control, plain in TOKEN.findall(text):
        if control == '\n':
            row += 1
            if row == len(lines):
                lines.append([])
        elif control == '\r':
            column = 0
        elif plain:
            line = lines[row]
            line += [('', ' ')] * (column - len(line))
            line[column : column + len(plain)] = [(style, one) for one in plain]
            column += len(plain)
        elif final == 'm':
            style = STYLES.get(parameters, '')
        elif final == 'G':
            column = int(parameters or 1) - 1
        elif final == 'K':
            del lines[row][0 if parameters in ('1', '2') else column :]
    return lines


def spans(line):
    """One line as SVG."""
    while line and line[-1] == ('', ' '):
        line = line[:-1]
    parts, at = [], 0
    while at < len(line):
        end = at
        while end < len(line) and line[end][0] == line[at][0]:
            end += 1
        text = html.escape(''.join(one for _, one in line[at:end]), quote=False)
        parts.append(f'<tspan class="{line[at][0]}">{text}</tspan>' if line[at][0] else text)
        at = end
    return f'textLength="{len(line) * CELL_W:g}">{"".join(parts)}' if line else ''


def svg(frames, columns, title):
    """`frames` are (seconds that it stays, lines)."""
    rows = max(len(lines) for _, lines in frames)
    width, height = columns * CELL_W + 2 * MARGIN, rows * CELL_H + BAR + MARGIN
    total, at = sum(seconds for seconds, _ in frames), 0.0
    known, groups, keys = {}, [], []
    for index, (seconds, lines) in enumerate(frames):
        keys.append(f'{at / total * 100:.2f}%{{transform:translateX({-index * width:g}px)}}')
        uses = []
        for row, line in enumerate(map(spans, lines)):
            if line:
                name = known.setdefault(line, f'l{len(known)}')
                uses.append(f'<use href="#{name}" y="{row * CELL_H}"/>')
        groups.append(f'<g transform="translate({index * width:g})">{"".join(uses)}</g>')
        at += seconds
    last = -(len(frames) - 1) * width
    defs = ''.join(f'<text id="{name}" {line}</text>\n' for line, name in known.items())
    return f'''<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height}" viewBox="0 0 {width:g} {height}" role="img" aria-label="{html.escape(title)}">
<style>
text{{font:14px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d8dee9;white-space:pre}}
.b{{font-weight:bold;fill:#fff}}.f{{fill:#8a94a6}}.r{{fill:#f28b82}}.g{{fill:#8fce8f}}
.film{{transform:translateX({last:g}px);animation:film {total:.1f}s steps(1,end) infinite}}
@keyframes film{{{"".join(keys)}}}
@media (prefers-reduced-motion:reduce){{.film{{animation:none}}}}
</style>
<defs>
{defs}</defs>
<rect width="{width:g}" height="{height}" rx="8" fill="#1d222b"/>
<rect x=".5" y=".5" width="{width - 1:g}" height="{height - 1}" rx="8" fill="none" stroke="#59616f"/>
<text x="{MARGIN}" y="23"><tspan class="f">$ {html.escape(title)}</tspan></text>
<svg x="{MARGIN}" y="{BAR}" width="{columns * CELL_W:g}" height="{rows * CELL_H}"><g class="film"><g transform="translate(0 14)">
{chr(10).join(groups)}
</g></g></svg>
</svg>
'''


def main():
    out, columns, title, *command = sys.argv[1:]
    writes, frames = run(int(columns), command), []
    for index, (at, text) in enumerate(writes):
        is_last = index + 1 == len(writes)
        seconds = END_S if is_last else (writes[index + 1][0] - at) / SPEED
        if frames and frames[-1][0] < FRAME_S:
            frames[-1] = (frames[-1][0] + seconds, screen(text))
        else:
            frames.append((seconds, screen(text)))
    with open(out, 'w', encoding='utf-8') as file:
        file.write(svg(frames, int(columns), title))


if __name__ == '__main__':
    main()
